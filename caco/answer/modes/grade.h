// Grading a prediction against a gold answer: by the exact engine (answer.h), or by the conventions
// of a published grader, so that scores can be compared with published ones. The other graders'
// conventions are kept as they are, wrong acceptances included; docs/answers.md lists them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "caco/answer/answer.h"

namespace caco {

enum class GradeMode { Exact, Qwen, Dart, MathVerify, Hendrycks };

// Whether the prediction is an answer alone or a worked solution that holds one.
enum class PredictionForm { Bare, Solution };

struct Grade {
  AnswerComparison comparison;
  std::string gold;       // what was compared
  std::string predicted;  // what was compared; empty when the solution has no answer
  std::string rule;       // that found the answer in the solution, empty for bare answers
};

// Returns the verdict of the mode. In a solution the mode's own rules of extraction find the
// answer; a gold answer that marks its own result (a box, an <answer> tag, ####) is reduced to it.
// Exact is symmetric; the other modes are only where their model is, and never give Unknown, since
// those graders know right and wrong alone. An answer that was not found is Unknown in Exact and
// what the grader makes of an empty text in the other modes. Pure; thread-safe; bounded work.
Grade grade_answer(GradeMode mode, std::string_view gold, std::string_view predicted,
                   PredictionForm form);

// Returns the mode of a name ("exact", "qwen", "dart", "mathverify", "hendrycks") or nothing.
std::optional<GradeMode> find_grade_mode(std::string_view name);

std::string_view to_string(GradeMode mode);

}  // namespace caco
