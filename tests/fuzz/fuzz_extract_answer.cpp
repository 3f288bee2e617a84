// Any solution: extraction ends, names a rule for what it found, and takes its text from the
// solution.
#include <string_view>

#include "caco/answer/answer.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view solution(reinterpret_cast<const char*>(data), size);
  const caco::ExtractedAnswer answer = caco::extract_answer(solution);
  caco::require(answer.text.empty() || !answer.rule.empty(), "an answer names its rule");
  caco::require(answer.text.size() <= size, "an answer is part of its solution");
  return 0;
}
