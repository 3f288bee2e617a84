// Any chat template: parsing and rendering end in a text or an error, and every byte has its mark.
#include <string_view>

#include "caco/lm/chat_template.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const caco::Result<caco::lm::ChatTemplate> chat =
      caco::lm::ChatTemplate::from_jinja(source, {{"bos_token", "<s>"}});
  if (!chat.ok()) {
    caco::require(!chat.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const caco::Json messages =
      caco::lm::to_json({{"system", " s "}, {"user", "u <|im_end|> \xC3\xA9"}, {"assistant", "a"}});
  const caco::Result<caco::lm::MarkedText> text = chat.value().render(messages);
  if (!text.ok()) {
    caco::require(!text.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  caco::require(text.value().bytes.size() == text.value().marks.size(), "every byte has its mark");
  return 0;
}
