// Any tokenizer.json: reading ends in a tokenizer or an error, and what was read encodes any text
// to ids of its vocabulary.
#include <string>
#include <string_view>
#include <vector>

#include "caco/lm/tokenizer.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const caco::Result<caco::lm::Tokenizer> tokenizer = caco::lm::Tokenizer::from_json(text);
  if (!tokenizer.ok()) {
    caco::require(!tokenizer.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const std::string_view samples[] = {"", "the  fox's 123 \xC3\xA9\n <|im_end|>", "\xFF\xC0 a",
                                      text.substr(0, 2000)};
  for (std::string_view sample : samples) {
    for (caco::lm::SpecialTokens mode :
         {caco::lm::SpecialTokens::Parse, caco::lm::SpecialTokens::Ignore}) {
      const std::vector<int32_t> ids = tokenizer.value().encode(sample, mode);
      for (int32_t id : ids) {
        caco::require(id >= 0 && id < tokenizer.value().vocab_size(), "ids are of the vocabulary");
      }
      tokenizer.value().decode(ids);
    }
  }
  const caco::Result<caco::lm::Tokenizer> again =
      caco::lm::Tokenizer::from_json(tokenizer.value().to_json());
  caco::require(again.ok(), "what was written can be read");
  return 0;
}
