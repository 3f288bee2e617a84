// Any two answers, parted by the first line end: the comparison ends in time, is symmetric, and
// holds between an answer and itself unless it is empty or too large.
#include <string_view>

#include "caco/answer/answer.h"
#include "caco/answer/clean_text.h"
#include "caco/answer/limits.h"
#include "caco/answer/parse.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/time_bound.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find('\n');
  const std::string_view left = text.substr(0, cut);
  const std::string_view right = cut == std::string_view::npos ? left : text.substr(cut + 1);
  const caco::TimeBound bound;
  const caco::Readings readings = caco::parse_answer(left);
  caco::require(readings.is_over_limit || !readings.values.empty(), "parsing gives a reading");
  const caco::Equality forth = caco::compare_answers(left, right).equality;
  caco::require(forth == caco::compare_answers(right, left).equality, "equality is symmetric");
  const bool is_plain =
      size <= static_cast<size_t>(caco::kMaxAnswerBytes) && !caco::clean_answer(left).text.empty();
  if (is_plain) {
    caco::require(caco::compare_answers(left, left).equality == caco::Equality::Equal,
                  "an answer equals itself");
  }
  bound.check(/*count=*/4);
  return 0;
}
