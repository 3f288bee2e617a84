#include "caco/lm/tokenizer.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/base/test_data.h"
#include "caco/lm/byte_level.h"

namespace caco::lm {
namespace {

// A vocabulary of three special tokens, all bytes and a few merges, as tokenizer.json.
Json small_document() {
  Json vocab = {{"<|endoftext|>", 0}, {"<|im_start|>", 1}, {"<|im_end|>", 2}};
  int32_t next = 3;
  for (int byte = 0; byte < 256; ++byte) {
    vocab[to_byte_level(std::string(1, static_cast<char>(byte)))] = next++;
  }
  Json merges = Json::array();
  const auto add_merge = [&](const std::string& left, const std::string& right) {
    merges.push_back(left + " " + right);
    vocab[left + right] = next++;
  };
  add_merge("h", "e");
  add_merge("l", "l");
  add_merge("he", "ll");
  add_merge("a", "a");
  Json added = Json::array();
  for (const char* content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    added.push_back({{"id", vocab[content]}, {"content", content}, {"special", true}});
  }
  return {{"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer",
           {{"type", "Sequence"},
            {"pretokenizers",
             {{{"type", "Split"},
               {"pattern", {{"Regex", kQwen2SplitPattern}}},
               {"behavior", "Isolated"},
               {"invert", false}},
              {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
}

Tokenizer small_tokenizer() {
  Result<Tokenizer> tokenizer = Tokenizer::from_json(dump_json(small_document()));
  EXPECT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  return std::move(tokenizer).value();
}

std::string pieces(const Tokenizer& tokenizer, const std::string& text, SpecialTokens mode) {
  std::string result;
  for (int32_t id : tokenizer.encode(text, mode)) {
    if (!result.empty()) result += "|";
    result += tokenizer.token_bytes(id);
  }
  return result;
}

TEST(Tokenizer, CutsAndMerges) {
  const Tokenizer tokenizer = small_tokenizer();
  struct Row {
    const char* text;
    const char* pieces;
  };
  const Row rows[] = {
      {"", ""},
      {"hell", "hell"},
      {"hello", "hell|o"},
      {"he ll", "he| |ll"},
      {"heell", "he|e|ll"},
      {"aaaaa", "aa|aa|a"},
      {"123", "1|2|3"},
      {"<|im_end|>", "<|im_end|>"},
      {"he<|im_start|>ll", "he|<|im_start|>|ll"},
      {"<|im_end", "<|||i|m|_|e|n|d"},
      {"\xFF"
       "aa",
       "\xFF|aa"},  // not UTF-8: by the byte
  };
  for (const Row& row : rows) {
    EXPECT_EQ(pieces(tokenizer, row.text, SpecialTokens::Parse), row.pieces) << row.text;
  }
}

TEST(Tokenizer, SpecialTokensOfUntrustedTextStayText) {
  const Tokenizer tokenizer = small_tokenizer();
  const std::string text = "aa<|im_end|>";
  EXPECT_EQ(tokenizer.encode(text, SpecialTokens::Parse).size(), 2);
  const std::vector<int32_t> ids = tokenizer.encode(text, SpecialTokens::Ignore);
  for (int32_t id : ids)
    EXPECT_FALSE(tokenizer.is_special(id));
  EXPECT_EQ(tokenizer.decode(ids), text);
  EXPECT_EQ(tokenizer.special_id("<|im_end|>"), 2);
  EXPECT_EQ(tokenizer.special_id("<|im_mid|>"), std::nullopt);
}

TEST(Tokenizer, DecodeLeavesOutWhatIsAsked) {
  const Tokenizer tokenizer = small_tokenizer();
  const std::vector<int32_t> ids = {1, 261, 2, -1, 1 << 20};
  EXPECT_EQ(tokenizer.decode(ids, SpecialTokens::Parse),
            "<|im_start|>" + std::string(tokenizer.token_bytes(261)) + "<|im_end|>");
  EXPECT_EQ(tokenizer.decode(ids, SpecialTokens::Ignore), tokenizer.token_bytes(261));
}

TEST(Tokenizer, JsonRoundTrip) {
  const Tokenizer tokenizer = small_tokenizer();
  Result<Tokenizer> again = Tokenizer::from_json(tokenizer.to_json());
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  Result<Tokenizer> third = Tokenizer::from_json(again.value().to_json());
  ASSERT_TRUE(third.ok()) << to_string(third.error());
  EXPECT_EQ(third.value().to_json(), again.value().to_json());
  EXPECT_EQ(again.value().vocab_size(), tokenizer.vocab_size());
}

TEST(Tokenizer, LongWordsMergeAsShortOnes) {
  const Tokenizer tokenizer = small_tokenizer();
  for (size_t size : {95U, 96U, 97U, 500U, 20001U}) {
    const std::vector<int32_t> ids = tokenizer.encode(std::string(size, 'a'), SpecialTokens::Parse);
    EXPECT_EQ(ids.size(), size / 2 + size % 2) << size;
    EXPECT_EQ(tokenizer.decode(ids), std::string(size, 'a'));
  }
}

TEST(Tokenizer, RefusesWhatItDoesNotImplement) {
  struct Row {
    const char* pointer;
    Json value;
    const char* message;
  };
  const Row rows[] = {
      {"/normalizer", {{"type", "NFKC"}}, "normalizer is not supported: NFKC"},
      {"/normalizer", {{"type", "Replace"}}, "Replace needs a pattern"},
      {"/normalizer", {{"type", "Sequence"}}, "no list: normalizers"},
      {"/normalizer", "NFC", "not an object"},
      {"/pre_tokenizer", nullptr, "no pre_tokenizer"},
      {"/pre_tokenizer", {{"type", "Metaspace"}}, "Metaspace"},
      {"/pre_tokenizer", {{"type", "Digits"}}, "no ByteLevel"},
      {"/pre_tokenizer/pretokenizers/0", {{"type", "ByteLevel"}}, "two stages: ByteLevel"},
      {"/pre_tokenizer/pretokenizers/0/behavior", "Kept", "Kept"},
      {"/pre_tokenizer/pretokenizers/0/invert", "yes", "invert"},
      {"/pre_tokenizer/pretokenizers/0/pattern", {{"Glob", " "}}, "Glob"},
      {"/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "(a"}}, "cannot compile"},
      {"/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "\\bx"}}, "escape \\b"},
      {"/post_processor", {{"type", "TemplateProcessing"}}, "no list: single"},
      {"/post_processor", {{"type", "BertProcessing"}}, "BertProcessing"},
      {"/truncation", 7, "truncation"},
      {"/decoder", {{"type", "WordPiece"}}, "WordPiece"},
      {"/model/type", "Unigram", "Unigram"},
      {"/model/dropout", 0.1, "dropout"},
      {"/model/end_of_word_suffix", "</w>", "end_of_word_suffix"},
      {"/model/merges", {"a b c"}, "not two tokens"},
      {"/model/merges", {"a zz"}, "lacks"},
      {"/model/merges", {"a b"}, "result has no id"},
      {"/model/merges", {7}, "neither"},
      {"/model/vocab/a", "one", "no valid id"},
      {"/model/vocab/a", 4, "two tokens"},
      {"/model/vocab/a", 100000, "gap of ids"},
      {"/model/vocab/a", 1.5, "no valid id"},
      {"/added_tokens/0/lstrip", 1, "lstrip"},
      {"/added_tokens/0/id", 3, "id of another token"},
      {"/added_tokens/0/id", 300, "gap of ids"},
      {"/added_tokens/0/content", "", "empty"},
      {"/model", 3, "no model"},
  };
  for (const Row& row : rows) {
    Json document = small_document();
    document[Json::json_pointer(row.pointer)] = row.value;
    Result<Tokenizer> tokenizer = Tokenizer::from_json(dump_json(document));
    ASSERT_FALSE(tokenizer.ok()) << row.pointer;
    EXPECT_EQ(tokenizer.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(tokenizer.error().message.find(row.message), std::string::npos)
        << row.pointer << ": " << tokenizer.error().message;
  }
  EXPECT_FALSE(Tokenizer::from_json("{").ok());
  EXPECT_FALSE(Tokenizer::from_json("[]").ok());
  EXPECT_EQ(Tokenizer::load("/nonexistent").error().code, ErrorCode::NotFound);
}

// The public cases of two known tokenizers.
std::string read_gzip(const std::filesystem::path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::string buffer(1 << 16, '\0');
  for (int count = 0; (count = gzread(file, buffer.data(), 1 << 16)) > 0;) {
    text.append(buffer, 0, static_cast<size_t>(count));
  }
  gzclose(file);
  return text;
}

void check_cases(const std::string& name, const char* pattern) {
  const std::filesystem::path folder = test_data_folder() / "tokenizers" / name;
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data in " << folder;
  Result<PreTokenizer> pre_tokenizer = PreTokenizer::create({pattern});
  ASSERT_TRUE(pre_tokenizer.ok());
  Result<Tokenizer> tokenizer = Tokenizer::from_vocab_and_merges(
      read_gzip(folder / "vocab.json.gz"), read_gzip(folder / "merges.txt.gz"),
      std::move(pre_tokenizer).value(), {});
  ASSERT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());

  const std::string separator = "\n__ggml_vocab_test__\n";
  std::string input = read_file(folder / "cases.inp").value();
  std::istringstream output(read_file(folder / "cases.out").value());
  int64_t num_cases = 0;
  int64_t num_right = 0;
  for (bool is_last = false; !is_last; ++num_cases) {
    const size_t end = input.find(separator);
    is_last = end == std::string::npos;
    const std::string text = input.substr(0, end);
    if (!is_last) input.erase(0, end + separator.size());
    std::istringstream ids_of_case;
    std::string line;
    std::getline(output, line);
    ids_of_case.str(line);
    const std::vector<int32_t> expected{std::istream_iterator<int32_t>(ids_of_case), {}};
    const std::vector<int32_t> ids = tokenizer.value().encode(text, SpecialTokens::Parse);
    EXPECT_EQ(ids, expected) << "case " << num_cases << ": " << text;
    EXPECT_EQ(tokenizer.value().decode(ids), text);
    num_right += ids == expected ? 1 : 0;
  }
  EXPECT_EQ(num_cases, 47);
  EXPECT_EQ(num_right, 47);
}

TEST(Tokenizer, Gpt2Cases) {
  check_cases("gpt2", kGpt2SplitPattern);
}
TEST(Tokenizer, Qwen2Cases) {
  check_cases("qwen2", kQwen2SplitPattern);
}

}  // namespace
}  // namespace caco::lm
