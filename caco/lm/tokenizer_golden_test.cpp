// Tokenizers of every kind against what the format's own library makes of the same texts. The
// vectors come from golden/make_tokenizer_vectors.py.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

const Json& vectors() {
  static const Json json = [] {
    const std::string path =
        std::string(CACO_SOURCE_DIR) + "/caco/lm/golden/tokenizer_vectors.json";
    return parse_json(read_file(path).value()).value();
  }();
  return json;
}

// The shared vocabulary in the frame of one kind. One kind lacks the bytes that UTF-8 never has.
Tokenizer tokenizer_of(const Json& kind) {
  Json document = kind["document"];
  Json vocab = vectors()["vocab"];
  if (kind["lacks_bytes"] == true) {
    std::vector<std::string> kept(vocab.size());
    for (const auto& [spelling, id] : vocab.items())
      kept[id.get<size_t>()] = spelling;
    vocab = Json::object();
    for (const std::string& spelling : kept) {
      const std::string bytes = from_byte_level(spelling).value_or("");
      const unsigned char byte = static_cast<unsigned char>(bytes[0]);
      const bool is_never = bytes.size() == 1 && (byte == 0xC0 || byte == 0xC1 || byte >= 0xF5);
      if (!is_never) vocab[spelling] = vocab.size();
    }
  }
  document["model"]["vocab"] = vocab;
  document["model"]["merges"] = vectors()["merges"];
  Result<Tokenizer> tokenizer = Tokenizer::from_json(dump_json(document));
  EXPECT_TRUE(tokenizer.ok()) << kind["name"] << ": " << to_string(tokenizer.error());
  return std::move(tokenizer).value();
}

class TokenizerGolden : public testing::TestWithParam<size_t> {
 protected:
  const Json& kind() const { return vectors()["kinds"][GetParam()]; }
};

TEST_P(TokenizerGolden, EncodesAsTheLibrary) {
  const Tokenizer tokenizer = tokenizer_of(kind());
  const Json& texts = vectors()["texts"];
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string text = texts[i].get<std::string>();
    const std::vector<int32_t> ids = tokenizer.encode(text, SpecialTokens::Parse);
    EXPECT_EQ(ids, kind()["ids"][i].get<std::vector<int32_t>>())
        << kind()["name"] << " " << i << ": " << dump_json(texts[i]);
    const std::string key = std::to_string(i);
    const Json& untrusted = kind()["untrusted"];
    const Json& expected = untrusted.contains(key) ? untrusted[key] : kind()["ids"][i];
    EXPECT_EQ(tokenizer.encode(text, SpecialTokens::Ignore), expected.get<std::vector<int32_t>>())
        << kind()["name"] << " untrusted " << i << ": " << dump_json(texts[i]);
  }
}

TEST_P(TokenizerGolden, AddsSpecialTokensAsTheLibrary) {
  const Tokenizer tokenizer = tokenizer_of(kind());
  for (size_t i = 0; i < kind()["with_special_tokens"].size(); ++i) {
    const std::string text = vectors()["texts"][i].get<std::string>();
    EXPECT_EQ(tokenizer.with_special_tokens(tokenizer.encode(text, SpecialTokens::Parse)),
              kind()["with_special_tokens"][i].get<std::vector<int32_t>>())
        << kind()["name"];
  }
}

TEST_P(TokenizerGolden, WritesWhatItReads) {
  const Tokenizer tokenizer = tokenizer_of(kind());
  const Result<Tokenizer> again = Tokenizer::from_json(tokenizer.to_json());
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  for (const Json& text : vectors()["texts"]) {
    EXPECT_EQ(tokenizer.encode(text.get<std::string>(), SpecialTokens::Parse),
              again.value().encode(text.get<std::string>(), SpecialTokens::Parse));
  }
}

TEST_P(TokenizerGolden, TakesAnyBytes) {
  const Tokenizer tokenizer = tokenizer_of(kind());
  for (const char* text :
       {"\xFF", "a\xC0z <|im_end|>", "\xE4\xBD", "x \xF0\x9F\x9A", "\xED\xA0\x80"}) {
    for (int32_t id : tokenizer.encode(text, SpecialTokens::Ignore)) {
      EXPECT_GE(id, 0);
      EXPECT_LT(id, tokenizer.vocab_size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TokenizerGolden,
                         testing::Range<size_t>(0, vectors()["kinds"].size()),
                         [](const testing::TestParamInfo<size_t>& row) {
                           return vectors()["kinds"][row.param]["name"].get<std::string>();
                         });

}  // namespace
}  // namespace caco::lm
