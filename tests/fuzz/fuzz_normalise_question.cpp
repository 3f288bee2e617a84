// Any question: normalising ends, and only takes away.
#include <string>
#include <string_view>

#include "caco/dedup/normalise_question.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view question(reinterpret_cast<const char*>(data), size);
  const std::string normal = caco::normalise_question(question);
  caco::require(normal.size() <= size, "normalising adds nothing");
  return 0;
}
