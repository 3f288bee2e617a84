// Answers: take the final answer out of a worked solution, and decide whether two answers are the
// same. One engine for the filter, the dual verification and the evaluation. Nothing is ever
// evaluated; pure functions, thread-safe, bounded work.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caco {

enum class Equality { Equal, Different, Unknown };

struct AnswerComparison {
  Equality equality = Equality::Unknown;
  std::string proof;       // "exact", "symbolic", "numeric" or "numeric to 256 bits", "text"
  std::string reason;      // in words, for people: "24 = 24.0", "1/3 is not 0.33"
  std::string reading;     // as what the left side was read: "number", "list", "log to base 10"
  int64_t proof_bits = 0;  // of "numeric to n bits", else 0
};

// Which rule found the answer: "boxed", "tag" (<answer>), "hashes" (####), "phrase" (the answer
// is), "whole", "option" (option C is correct), "bold", "last maths", "last number", "last words",
// "".
struct ExtractedAnswer {
  std::string text;  // empty when none was found
  std::string rule;
  bool has_percent_behind = false;  // "\boxed{28} percent": the sign may belong to the answer
};

// Returns the final answer of a worked solution: the last balanced \boxed{...}; else what stands in
// the last <answer>...</answer>; else what follows the last ####; else what follows the last
// "answer is" / "Answer:"; else the whole text where it is mathematics alone; else the weaker
// signs: the letter of a chosen option, bold words at the end, the last mathematics, the last
// number, the last words. Boxes joined by "and", "or" or a comma are one answer. Trailing full
// stops, dollar signs and calculator annotations are removed. A solution that was cut inside its
// last box has no answer. Of a solution above 512 KiB the end is read.
ExtractedAnswer extract_answer(std::string_view solution);

// Decides whether two answers (plain text, LaTeX, Python or SymPy repr) are the same. Exact for
// rational numbers in any writing; constants, expressions, equations, inequalities, intervals,
// collections, quantities with units, dates and words follow equal.h and decide_expr.h. A decimal
// approximation equals an exact value when it is that value rounded to the digits given (at least 3
// significant). Ambiguous writing keeps all readings: equal when some pair of them is. Unknown when
// a side is empty, too large or of a form that cannot be decided. Symmetric and reflexive.
AnswerComparison compare_answers(std::string_view left, std::string_view right);

std::string_view to_string(Equality equality);

}  // namespace caco
