#include "caco/store/shard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "caco/base/file.h"

namespace caco {
namespace {

class ShardTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("shard_test_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ShardFile write(const std::vector<std::string>& lines, const std::string& name = "x") const {
    ShardWriter writer;
    for (const std::string& line : lines)
      EXPECT_TRUE(writer.add(line).ok());
    return writer.finish(folder_ / name).value();
  }

  // Reads all lines; the Error of the first failure.
  Result<std::vector<std::string>> read(const std::string& name = "x") const {
    ShardReader reader = TRY(ShardReader::open(folder_ / name));
    std::vector<std::string> lines;
    std::string line;
    while (TRY(reader.next(line)))
      lines.push_back(line);
    return lines;
  }

  std::filesystem::path folder_;
};

std::vector<std::string> many_lines() {
  std::vector<std::string> lines;
  lines.reserve(20002);
  for (int i = 0; i < 20000; ++i)
    lines.push_back("{\"number\":" + std::to_string(i * 7919) + "}");
  lines.emplace_back(1 << 20, 'x');  // longer than any piece
  lines.emplace_back("");
  return lines;
}

TEST_F(ShardTest, LinesSurviveTheRoundTrip) {
  for (const std::vector<std::string>& lines :
       {std::vector<std::string>{}, {"one"}, {"", ""}, many_lines()}) {
    const ShardFile file = write(lines);
    EXPECT_EQ(file.num_lines, static_cast<int64_t>(lines.size()));
    EXPECT_EQ(read().value(), lines);
    const FileDigest digest = digest_file(folder_ / "x").value();
    EXPECT_EQ(digest.hash, file.file_hash);
    EXPECT_EQ(digest.num_bytes, file.num_bytes);
  }
}

TEST_F(ShardTest, SameLinesGiveTheSameBytes) {
  write(many_lines(), "a");
  write(many_lines(), "b");
  EXPECT_EQ(read_file(folder_ / "a").value(), read_file(folder_ / "b").value());
}

TEST_F(ShardTest, ContentHashIsThatOfTheLines) {
  EXPECT_EQ(write({"a", "b"}).content_hash, hash_hex("a\nb\n"));
  EXPECT_EQ(write({}).content_hash, hash_hex(""));
}

TEST_F(ShardTest, EveryTruncationIsDataLoss) {
  write({"alpha", "beta", "gamma"});
  const std::string whole = read_file(folder_ / "x").value();
  for (size_t length = 0; length < whole.size(); ++length) {
    ASSERT_TRUE(write_file_atomic(folder_ / "cut", whole.substr(0, length)).ok());
    const auto result = read("cut");
    ASSERT_FALSE(result.ok()) << length;
    EXPECT_EQ(result.error().code, ErrorCode::DataLoss);
    EXPECT_NE(result.error().message.find("cut"), std::string::npos);
  }
}

TEST_F(ShardTest, EveryFlippedByteIsDataLoss) {
  write({"alpha", "beta", "gamma"});
  const std::string whole = read_file(folder_ / "x").value();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    ASSERT_TRUE(write_file_atomic(folder_ / "bad", bad).ok());
    const auto result = read("bad");
    // A flip in an unused header bit may be harmless; it never changes what is read.
    if (result.ok()) {
      EXPECT_EQ(result.value(), (std::vector<std::string>{"alpha", "beta", "gamma"})) << at;
    } else {
      EXPECT_EQ(result.error().code, ErrorCode::DataLoss) << at;
    }
  }
}

TEST_F(ShardTest, BytesAfterTheEndAreDataLoss) {
  write({"alpha"});
  const std::string whole = read_file(folder_ / "x").value();
  ASSERT_TRUE(write_file_atomic(folder_ / "x", whole + "more").ok());
  EXPECT_EQ(read().error().code, ErrorCode::DataLoss);
}

TEST_F(ShardTest, MissingFileIsNotFound) {
  EXPECT_EQ(read("absent").error().code, ErrorCode::NotFound);
  EXPECT_EQ(digest_file(folder_ / "absent").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace caco
