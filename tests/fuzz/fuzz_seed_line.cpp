// Any line of a seed file, under every preset: a seed with a question, or a reason why not.
#include "caco/seeds/fuzz_seed_line.h"

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  caco::fuzz_seed_line({reinterpret_cast<const char*>(data), size});
  return 0;
}
