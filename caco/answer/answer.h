// Answers: take the final answer out of a worked solution, and decide whether two answers are the
// same. One engine for the filter, the dual verification and the evaluation. Nothing is ever
// evaluated; pure functions, thread-safe, bounded work.
#pragma once

#include <string>
#include <string_view>

namespace caco {

enum class Equality { Equal, Different, Unknown };

struct AnswerComparison {
  Equality equality = Equality::Unknown;
  std::string proof;   // "exact", "numeric", "text"
  std::string reason;  // in words, for people: "24 = 24.0", "1/3 is not 0.33"
};

// Which rule found the answer: "boxed", "tag" (<answer>), "hashes" (####), "phrase" (the answer
// is), "last number", "".
struct ExtractedAnswer {
  std::string text;  // empty when none was found
  std::string rule;
};

// Returns the final answer of a worked solution: the last balanced \boxed{...}; else what stands in
// the last <answer>...</answer>; else what follows the last ####; else what follows the last
// "answer is" / "Answer:"; else the last number. Trailing full stops, dollar signs and calculator
// annotations are removed. A solution that was cut inside its last box has no answer. Of a solution
// above 1 MiB the end is read.
ExtractedAnswer extract_answer(std::string_view solution);

// Decides whether two answers (plain text, simple LaTeX or Python repr) are the same. Exact for
// integers, fractions, decimals, percents, mixed numbers, lists, tuples, sets, booleans, strings. A
// decimal approximation equals an exact value when it is that value rounded to the digits given (at
// least 3 significant). Unknown when a side is empty, too large or of a form that cannot be
// decided: expressions are equal when their normal text is, and never different. Symmetric. What
// each form is compared by, the policies included, stands in equal.h and units.h.
AnswerComparison compare_answers(std::string_view left, std::string_view right);

std::string_view to_string(Equality equality);

}  // namespace caco
