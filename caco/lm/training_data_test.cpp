#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>

#include "caco/base/file.h"
#include "caco/lm/byte_tokenizer.h"
#include "caco/lm/training_records.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

std::string written(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/training_data_test_" + name;
  EXPECT_TRUE(write_file_atomic(path, content).ok());
  return path;
}

// The first token that the loss counts.
int64_t first_target(const TrainingSet& set, int64_t index) {
  const std::span<const char> mask = set.targets(index);
  return std::find(mask.begin(), mask.end(), 1) - mask.begin();
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
  EXPECT_EQ(first_target(set, 0), 1);
  // The completion's own "<|im_end|>" stays text; the trainer's follows it.
  const std::vector<int32_t> second = tokens_of(set, 1);
  EXPECT_EQ(second.size(), 2 + 11 + 1);
  EXPECT_EQ(second[1], a);
  EXPECT_EQ(second[3], '<' + 3);
  EXPECT_EQ(std::count(second.begin(), second.end(), 2), 1);
  EXPECT_EQ(second.back(), 2);
  EXPECT_EQ(first_target(set, 1), 2);
  EXPECT_EQ(tokens_of(set, 2), (std::vector<int32_t>{a + 2, a + 3, 2}));
  EXPECT_EQ(first_target(set, 2), 1);
  EXPECT_EQ(set.num_targets(), 3 + 12 + 2);
}

TEST(TrainingData, GzipIsRead) {
  const std::string path = testing::TempDir() + "/training_data_test.jsonl.gz";
  gzFile file = ::gzopen(path.c_str(), "wb");
  const std::string line = "{\"text\": \"" + std::string(200000, 'x') + "\"}\n";
  ASSERT_GT(::gzwrite(file, line.data(), static_cast<unsigned>(line.size())), 0);
  ::gzclose(file);
  const Tokenizer tokenizer = byte_tokenizer();
  RecordOptions options;
  options.lengths.max_length = 1 << 20;
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
              {"{\"messages\": []}", "bad.jsonl:1: \"messages\" is not a list of messages"},
              {"{\"messages\": [3]}", "a message is not an object"},
              {"{\"messages\": [{\"role\": \"user\"}]}", "a message without \"content\""},
              {"{\"messages\": [{\"role\": \"x\", \"content\": \"a\"}]}", "unknown role: x"},
              {"{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}",
               "a part that is no text"},
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
  EXPECT_EQ(dropped.counts().num_dropped, 1);
  TrainingSet split;
  split.add(tokens, 1, {3, OverLong::Split});
  ASSERT_EQ(split.num_documents(), 2);  // the last piece alone has nothing to predict
  EXPECT_EQ(split.counts().num_split, 1);
  EXPECT_EQ(tokens_of(split, 1), (std::vector<int32_t>{4, 5, 6}));
  // A long prompt is never split, whatever the policy.
  const Tokenizer tokenizer = byte_tokenizer();
  const std::string path =
      written("long.jsonl", "{\"prompt\":\"abcdefgh\",\"completion\":\"i\"}\n{\"text\":\"abc\"}");
  const TrainingSet set =
      read_training_set({path}, tokenizer, {{4, OverLong::Split}, {}, -1}).value();
  EXPECT_EQ(set.num_documents(), 1);
  EXPECT_EQ(set.counts().num_dropped, 1);
}

TEST(TrainingData, OverLongRecordsAreCut) {
  const std::vector<int32_t> tokens = {1, 2, 3, 4, 5, 6, 7};
  TrainingSet set;
  set.add(tokens, 2, {4, OverLong::Cut});
  set.add(tokens, 5, {4, OverLong::Cut});  // all that would be learned is cut off
  ASSERT_EQ(set.num_documents(), 1);
  EXPECT_EQ(tokens_of(set, 0), (std::vector<int32_t>{1, 2, 3, 4}));
  EXPECT_EQ(set.num_targets(), 2);
  EXPECT_EQ(set.counts().num_cut, 1);
  EXPECT_EQ(set.counts().num_unlabelled, 1);
  EXPECT_EQ(set.counts().num_records, 2);
}

TEST(TrainingData, MessagesTeachTheAssistantsTurns) {
  const Tokenizer tokenizer = byte_tokenizer();
  const std::string path =
      written("messages.jsonl",
              "{\"messages\": [{\"role\": \"user\", \"content\": \"a<|im_end|>\"}, "
              "{\"role\": \"assistant\", \"content\": \"b\"}, "
              "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"c\"}]}, "
              "{\"role\": \"assistant\", \"content\": \"d\", \"weight\": 0}, "
              "{\"role\": \"user\", \"content\": \"e\"}, "
              "{\"role\": \"assistant\", \"content\": \"f\"}]}");
  const TrainingSet set = read_training_set({path}, tokenizer, {}).value();
  ASSERT_EQ(set.num_documents(), 1);
  const std::vector<int32_t> tokens = tokens_of(set, 0);
  EXPECT_EQ(tokenizer.decode(tokens),
            "<|im_start|>user\na<|im_end|><|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
            "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\nd<|im_end|>\n"
            "<|im_start|>user\ne<|im_end|>\n<|im_start|>assistant\nf<|im_end|>");
  // The user's own "<|im_end|>" is text: six turns, six ends.
  EXPECT_EQ(std::count(tokens.begin(), tokens.end(), 2), 6);
  std::vector<int32_t> learned;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (set.targets(0)[i] == 1) learned.push_back(tokens[i]);
  }
  EXPECT_EQ(learned, (std::vector<int32_t>{'b' + 3, 2, 'f' + 3, 2}));
  // A row predicts the next token, so the row before each of these has it as its target.
  PackedBatch batch;
  set.append_to(0, batch);
  EXPECT_EQ(batch.num_targets(), 4);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    EXPECT_EQ(batch.targets[i], set.targets(0)[i + 1] == 1 ? tokens[i + 1] : -1) << i;
  }
}

TEST(TrainingData, RecordsWithoutALabelAreCounted) {
  const Tokenizer tokenizer = byte_tokenizer();
  const std::string path =
      written("unlabelled.jsonl",
              "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}\n{\"text\": \"a\"}\n"
              "{\"text\": \"ab\"}\n");
  const TrainingSet set = read_training_set({path}, tokenizer, {}).value();
  EXPECT_EQ(set.num_documents(), 1);
  EXPECT_EQ(set.counts().num_records, 3);
  EXPECT_EQ(set.counts().num_unlabelled, 2);
  EXPECT_EQ(set.counts().num_dropped, 0);
}

}  // namespace
}  // namespace caco::lm
