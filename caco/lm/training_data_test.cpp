#include "caco/lm/training_data.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "caco/base/file.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

// All 256 bytes and three special tokens; no merges, so every byte is a token.
Tokenizer byte_tokenizer() {
  std::string vocab = "{";
  std::string added;
  int next_other = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_plain = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
    const int code = is_plain ? byte : next_other++;
    std::string text;
    if (code == '"' || code == '\\') {
      text = std::string("\\") + static_cast<char>(code);
    } else if (code < 128) {
      text = std::string(1, static_cast<char>(code));
    } else {
      text.push_back(static_cast<char>(0xc0 | (code >> 6)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
    vocab += (byte > 0 ? ",\"" : "\"") + text + "\":" + std::to_string(byte + 3);
  }
  int id = 0;
  for (const char* content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    added += std::string(added.empty() ? "" : ",") + "{\"id\":" + std::to_string(id++) +
             ",\"content\":\"" + content +
             "\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,"
             "\"special\":true}";
  }
  const std::string json =
      "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[" + added +
      "],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
      "\"trim_offsets\":true,\"use_regex\":true},\"post_processor\":null,\"decoder\":{\"type\":"
      "\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true},"
      "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
      "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,"
      "\"byte_fallback\":false,\"ignore_merges\":false,\"vocab\":" +
      vocab + "},\"merges\":[]}}";
  Result<Tokenizer> tokenizer = Tokenizer::from_json(json);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  return std::move(tokenizer).value();
}

std::string written(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/training_data_test_" + name;
  EXPECT_TRUE(write_file_atomic(path, content).ok());
  return path;
}

std::vector<int32_t> tokens_of(const TrainingSet& set, int64_t index) {
  return {set.document(index).begin(), set.document(index).end()};
}

TEST(TrainingData, RecordsBecomeTokens) {
  const Tokenizer tokenizer = byte_tokenizer();
  const std::string path =
      written("good.jsonl",
              "{\"text\": \"<|im_start|>ab<|im_end|>\"}\n\n"
              "{\"prompt\": \"<|im_start|>a\", \"completion\": \"b<|im_end|>\", \"extra\": 1}\r\n"
              "{\"prompt\": \"\", \"completion\": \"cd\"}");
  const TrainingSet set = read_training_set({path}, tokenizer, {}).value();
  ASSERT_EQ(set.num_documents(), 3);
  const int32_t a = 'a' + 3;
  EXPECT_EQ(tokens_of(set, 0), (std::vector<int32_t>{1, a, a + 1, 2}));
  EXPECT_EQ(set.first_target(0), 1);
  // The completion's own "<|im_end|>" stays text; the trainer's follows it.
  const std::vector<int32_t> second = tokens_of(set, 1);
  EXPECT_EQ(second.size(), 2 + 11 + 1);
  EXPECT_EQ(second[1], a);
  EXPECT_EQ(second[3], '<' + 3);
  EXPECT_EQ(std::count(second.begin(), second.end(), 2), 1);
  EXPECT_EQ(second.back(), 2);
  EXPECT_EQ(set.first_target(1), 2);
  EXPECT_EQ(tokens_of(set, 2), (std::vector<int32_t>{a + 2, a + 3, 2}));
  EXPECT_EQ(set.first_target(2), 1);
  EXPECT_EQ(set.num_targets(), 3 + 12 + 2);
}

TEST(TrainingData, GzipIsRead) {
  const std::string path = testing::TempDir() + "/training_data_test.jsonl.gz";
  gzFile file = ::gzopen(path.c_str(), "wb");
  const std::string line = "{\"text\": \"" + std::string(200000, 'x') + "\"}\n";
  ASSERT_GT(::gzwrite(file, line.data(), static_cast<unsigned>(line.size())), 0);
  ::gzclose(file);
  const Tokenizer tokenizer = byte_tokenizer();
  TrainingDataOptions options;
  options.max_length = 1 << 20;
  EXPECT_EQ(read_training_set({path}, tokenizer, options).value().num_tokens(), 200000);
  const std::string bytes = read_file(path).value();
  const std::string cut = written("cut.gz", bytes.substr(0, bytes.size() / 2));
  EXPECT_FALSE(read_training_set({cut}, tokenizer, options).ok());
}

TEST(TrainingData, BadRecordsAreNamed) {
  const Tokenizer tokenizer = byte_tokenizer();
  const struct {
    const char* content;
    const char* problem;
  } rows[] = {{"{\"text\": \"ab\"}\n{\"text\": ", "bad.jsonl:2: not valid JSON"},
              {"[1]", "bad.jsonl:1: the record is not an object"},
              {"{\"texts\": \"ab\"}", "bad.jsonl:1: the record has neither"},
              {"{\"prompt\": \"ab\"}", "bad.jsonl:1: the record has neither"},
              {"\n\n{\"text\": 3}", "bad.jsonl:3: wrong type of \"text\""},
              {"{\"prompt\": \"ab\", \"completion\": []}", "wrong type of \"completion\""},
              {"", "no record has a token to learn from"},
              {"{\"text\": \"a\"}", "no record has a token to learn from (dropped: 1)"}};
  for (const auto& row : rows) {
    const Result<TrainingSet> set =
        read_training_set({written("bad.jsonl", row.content)}, tokenizer, {});
    ASSERT_FALSE(set.ok()) << row.content;
    EXPECT_NE(set.error().message.find(row.problem), std::string::npos) << set.error().message;
  }
  EXPECT_EQ(read_training_set({"/nowhere/x.jsonl"}, tokenizer, {}).error().code,
            ErrorCode::NotFound);
}

TEST(TrainingData, OverLongRecords) {
  const std::vector<int32_t> tokens = {1, 2, 3, 4, 5, 6, 7};
  TrainingSet dropped;
  dropped.add(tokens, 1, {3, OverLong::Drop});
  EXPECT_EQ(dropped.num_documents(), 0);
  EXPECT_EQ(dropped.num_dropped(), 1);
  TrainingSet split;
  split.add(tokens, 1, {3, OverLong::Split});
  ASSERT_EQ(split.num_documents(), 2);  // the last piece alone has nothing to predict
  EXPECT_EQ(split.num_split(), 1);
  EXPECT_EQ(tokens_of(split, 1), (std::vector<int32_t>{4, 5, 6}));
  // A long prompt is never split, whatever the policy.
  const Tokenizer tokenizer = byte_tokenizer();
  const std::string path =
      written("long.jsonl", "{\"prompt\":\"abcdefgh\",\"completion\":\"i\"}\n{\"text\":\"abc\"}");
  const TrainingSet set = read_training_set({path}, tokenizer, {4, OverLong::Split}).value();
  EXPECT_EQ(set.num_documents(), 1);
  EXPECT_EQ(set.num_dropped(), 1);
}

TrainingSet set_of_lengths(const std::vector<int64_t>& lengths) {
  TrainingSet set;
  for (const int64_t length : lengths) {
    set.add(std::vector<int32_t>(static_cast<size_t>(length), 7), 1, {});
  }
  return set;
}

TEST(TrainingData, PlansCoverEveryEpochOnce) {
  const TrainingSet set = set_of_lengths({5, 9, 30, 2, 7, 7, 12, 3});
  const BatchPlan plan = plan_batches(set, {3, 20, 2, 0});
  ASSERT_EQ(plan.documents.size(), 16u);
  const auto middle = plan.documents.begin() + 8;
  EXPECT_EQ(std::set<int64_t>(plan.documents.begin(), middle).size(), 8u);
  EXPECT_EQ(std::set<int64_t>(middle, plan.documents.end()).size(), 8u);
  EXPECT_FALSE(std::equal(plan.documents.begin(), middle, middle));
  for (int64_t step = 0; step < plan.num_steps(); ++step) {
    int64_t tokens = 0;
    for (const int64_t document : plan.step(step))
      tokens += set.length(document);
    EXPECT_TRUE(tokens <= 20 || plan.step(step).size() == 1) << step;
    EXPECT_GT(tokens, 0);
  }
  EXPECT_EQ(plan_batches(set, {3, 20, 2, 0}).documents, plan.documents);
  EXPECT_NE(plan_batches(set, {4, 20, 2, 0}).documents, plan.documents);
  const BatchPlan limited = plan_batches(set, {3, 20, 1, 500});
  EXPECT_GE(limited.num_tokens, 500);
  EXPECT_LT(limited.num_tokens, 530);
}

TEST(TrainingData, StepsAreDividedEvenly) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 50; ++i)
    lengths.push_back(20 + i * 37 % 200);
  const TrainingSet set = set_of_lengths(lengths);
  std::vector<int64_t> documents(50);
  for (size_t i = 0; i < documents.size(); ++i)
    documents[i] = static_cast<int64_t>(i);
  const auto packs = divide_step(set, documents, 3, 600);
  std::set<int64_t> seen;
  std::vector<int64_t> totals;
  for (const auto& worker : packs) {
    totals.push_back(0);
    for (const auto& pack : worker) {
      int64_t tokens = 0;
      for (const int64_t document : pack) {
        EXPECT_TRUE(seen.insert(document).second);
        tokens += set.length(document);
      }
      EXPECT_LE(tokens, 600 + 220);
      EXPECT_FALSE(pack.empty());
      totals.back() += tokens;
    }
  }
  EXPECT_EQ(seen.size(), 50u);
  const auto [least, most] = std::minmax_element(totals.begin(), totals.end());
  EXPECT_LT(*most - *least, 60);
  // More workers than documents: some have nothing to do.
  const std::vector<int64_t> one = {4};
  EXPECT_EQ(divide_step(set, one, 2, 600)[1].size(), 0u);
}

}  // namespace
}  // namespace caco::lm
