// Any line: decoding ends in a sample or an error, and what decodes has one canonical form.
#include <string>
#include <string_view>

#include "caco/record/sample.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const caco::Result<caco::Sample> sample = caco::decode_sample(line);
  if (!sample.ok()) {
    caco::require(!sample.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const std::string encoded = caco::encode_sample(sample.value());
  const caco::Result<caco::Sample> again = caco::decode_sample(encoded);
  caco::require(again.ok(), "what was encoded can be decoded");
  caco::require(caco::encode_sample(again.value()) == encoded, "the encoding is canonical");
  caco::require(encoded.find('\n') == std::string::npos, "a sample is one line");
  return 0;
}
