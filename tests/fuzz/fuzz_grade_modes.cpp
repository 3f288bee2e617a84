// Any gold answer and prediction, parted by the first line end: every mode of grading ends in time,
// with a verdict, for bare answers and for worked solutions; the reproduced graders never answer
// unknown, and the texts that they extract do not grow without bound.
#include <string_view>

#include "caco/answer/modes/grade.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/time_bound.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find('\n');
  const std::string_view gold = text.substr(0, cut);
  const std::string_view predicted = cut == std::string_view::npos ? gold : text.substr(cut + 1);
  for (const caco::GradeMode mode :
       {caco::GradeMode::Exact, caco::GradeMode::Qwen, caco::GradeMode::Dart,
        caco::GradeMode::MathVerify, caco::GradeMode::Hendrycks}) {
    for (const caco::PredictionForm form :
         {caco::PredictionForm::Bare, caco::PredictionForm::Solution}) {
      const caco::TimeBound bound;
      const caco::Grade grade = caco::grade_answer(mode, gold, predicted, form);
      // A mode may ask the engine for several parts of an answer.
      bound.check(/*count=*/8);
      caco::require(
          mode == caco::GradeMode::Exact || grade.comparison.equality != caco::Equality::Unknown,
          "a reproduced grader decides");
      caco::require(!grade.comparison.reason.empty(), "a verdict has a reason");
      caco::require(grade.predicted.size() <= 3 * size + 16, "what is compared stays small");
    }
  }
  return 0;
}
