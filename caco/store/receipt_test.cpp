#include "caco/store/receipt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"
#include "caco/store/run_directory.h"

namespace caco {
namespace {

class ReceiptTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("receipt_test_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Writes shard 0 with one kept and two rejected samples, and its receipt.
  Receipt write_shard() const {
    Receipt receipt;
    receipt.step = "filter";
    receipt.input_hash = "input";
    receipt.options_hash = "options";
    ShardWriter kept;
    EXPECT_TRUE(kept.add("kept").ok());
    receipt.output = kept.finish(shard_path(folder_, 0)).value();
    ShardWriter rejects;
    EXPECT_TRUE(rejects.add("short").ok());
    EXPECT_TRUE(rejects.add("wrong").ok());
    receipt.rejects = rejects.finish(rejects_path(folder_, 0)).value();
    receipt.rejected = {{RejectReason::TooShort, 1}, {RejectReason::WrongAnswer, 1}};
    receipt.seconds = 0.5;
    EXPECT_TRUE(write_file_atomic(receipt_path(folder_, 0), encode_receipt(receipt)).ok());
    return receipt;
  }

  bool matches() const { return find_matching_receipt(folder_, 0, "input", "options").has_value(); }

  std::filesystem::path folder_;
};

TEST_F(ReceiptTest, SurvivesTheRoundTrip) {
  const Receipt receipt = write_shard();
  const Receipt read = read_receipt(folder_, 0).value();
  EXPECT_EQ(encode_receipt(read), encode_receipt(receipt));
  EXPECT_EQ(read.rejected, receipt.rejected);
}

TEST_F(ReceiptTest, MatchesOnlyItsInputAndOptions) {
  write_shard();
  EXPECT_TRUE(matches());
  EXPECT_FALSE(find_matching_receipt(folder_, 0, "other", "options").has_value());
  EXPECT_FALSE(find_matching_receipt(folder_, 0, "input", "other").has_value());
  EXPECT_FALSE(find_matching_receipt(folder_, 1, "input", "options").has_value());
}

TEST_F(ReceiptTest, AChangedOrMissingFileDoesNotMatch) {
  struct Row {
    std::string file;
    bool is_rejects;
    bool removed;
  };
  for (const Row& row : {Row{"kept", false, false}, Row{"kept", false, true},
                         Row{"rejects", true, false}, Row{"rejects", true, true}}) {
    write_shard();
    ASSERT_TRUE(matches());
    const std::filesystem::path path =
        row.is_rejects ? rejects_path(folder_, 0) : shard_path(folder_, 0);
    if (row.removed) {
      std::filesystem::remove(path);
    } else {
      std::string bytes = read_file(path).value();
      bytes.back() = static_cast<char>(bytes.back() ^ 1);
      ASSERT_TRUE(write_file_atomic(path, bytes).ok());
    }
    EXPECT_FALSE(matches()) << row.file << (row.removed ? " removed" : " changed");
  }
}

TEST_F(ReceiptTest, AStrayRejectsFileDoesNotMatch) {
  Receipt receipt = write_shard();
  receipt.rejects = {};
  receipt.rejected = {};
  ASSERT_TRUE(write_file_atomic(receipt_path(folder_, 0), encode_receipt(receipt)).ok());
  EXPECT_FALSE(matches());
  std::filesystem::remove(rejects_path(folder_, 0));
  EXPECT_TRUE(matches());
}

TEST_F(ReceiptTest, DamagedReceiptsAreAsIfAbsent) {
  const std::string good = encode_receipt(write_shard());
  for (size_t length = 0; length + 2 < good.size(); length += 7) {
    ASSERT_TRUE(write_file_atomic(receipt_path(folder_, 0), good.substr(0, length)).ok());
    EXPECT_FALSE(matches()) << length;
  }
}

TEST(ReceiptText, WrongTextsAreRefused) {
  for (const char* text : {"", "[]", "{}", R"({"v":2})", R"({"v":1})", R"({"v":"1"})",
                           R"({"v":1,"kept":{},"rejects":{"samples":1},"rejected":{}})",
                           R"({"v":1,"kept":{},"rejects":{},"rejected":{"no_such_reason":0}})",
                           R"({"v":1,"kept":{"samples":"x"},"rejects":{},"rejected":{}})"}) {
    EXPECT_FALSE(decode_receipt(text).ok()) << text;
  }
  for (const char* text : {"", "{}", R"({"v":1})", R"({"v":1,"files":[1]})"})
    EXPECT_FALSE(decode_step_receipt(text).ok()) << text;
}

TEST_F(ReceiptTest, StepReceiptKnowsItsFiles) {
  ASSERT_TRUE(write_file_atomic(folder_ / "model" / "config.json", "{}").ok());
  ASSERT_TRUE(write_file_atomic(folder_ / "a.txt", "a").ok());
  StepReceipt receipt;
  receipt.step = "train-generator";
  receipt.input_hash = "input";
  receipt.options_hash = "options";
  receipt.files = list_files(folder_).value();
  ASSERT_EQ(receipt.files.size(), 2U);
  EXPECT_EQ(receipt.files[1].name, "model/config.json");
  const auto write = [&] {
    ASSERT_TRUE(write_file_atomic(step_receipt_path(folder_), encode_step_receipt(receipt)).ok());
  };
  write();
  EXPECT_EQ(list_files(folder_).value().size(), 2U) << "the receipt is not one of its files";
  EXPECT_TRUE(find_matching_step_receipt(folder_, "input", "options").has_value());
  EXPECT_FALSE(find_matching_step_receipt(folder_, "other", "options").has_value());
  ASSERT_TRUE(write_file_atomic(folder_ / "model" / "config.json", "[]").ok());
  EXPECT_FALSE(find_matching_step_receipt(folder_, "input", "options").has_value());
}

}  // namespace
}  // namespace caco
