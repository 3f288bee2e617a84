#include "caco/seeds/line_text.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "caco/base/file.h"

namespace caco {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

class PackedFileTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(testing::TempDir()) /
            ("line_text_test_" + std::to_string(::getpid()));
  }
  void TearDown() override { std::filesystem::remove(path_); }
  Result<std::string> read(const std::string& content, int64_t max_bytes = 1 << 24) const {
    EXPECT_TRUE(write_file_atomic(path_, content).ok());
    return read_packed_file(path_, max_bytes);
  }
  std::filesystem::path path_;
};

TEST_F(PackedFileTest, ReadsPlainAndPackedText) {
  std::string large;
  for (int i = 0; i < 200'000; ++i)
    large += "line " + std::to_string(i * 7919 % 1000) + "\n";
  for (const std::string& text : {std::string(), std::string("a\nb"), large}) {
    EXPECT_EQ(read(text).value(), text);
    EXPECT_EQ(read(gzip(text)).value(), text);
    EXPECT_EQ(read(zstd(text)).value(), text);
    EXPECT_EQ(read(gzip(text) + gzip("more")).value(), text + "more");
    EXPECT_EQ(read(zstd(text) + zstd("more")).value(), text + "more");
    EXPECT_EQ(read(gzip(text) + std::string(9, '\0')).value(), text);
  }
  EXPECT_EQ(read("\xef\xbb\xbfx").value(), "x");
}

TEST_F(PackedFileTest, DamagedDataIsDataLoss) {
  const std::string text(100'000, 'x');
  std::string flipped = gzip("some text that is packed");
  flipped[flipped.size() - 6] = static_cast<char>(~flipped[flipped.size() - 6]);
  const std::string packed_gzip = gzip(text);
  const std::string packed_zstd = zstd(text);
  for (const std::string& content :
       {packed_gzip.substr(0, packed_gzip.size() - 1), packed_gzip.substr(0, 5), flipped,
        std::string("\x1f\x8b garbage"), packed_gzip + packed_gzip.substr(0, 20),
        packed_zstd.substr(0, packed_zstd.size() - 1), packed_zstd.substr(0, 4),
        packed_zstd + "garbage"}) {
    const Result<std::string> result = read(content);
    ASSERT_FALSE(result.ok()) << content.size();
    EXPECT_EQ(result.error().code, ErrorCode::DataLoss);
    EXPECT_NE(result.error().message.find(path_.filename()), std::string::npos);
  }
}

TEST_F(PackedFileTest, ABombIsRefused) {
  const std::string bomb = gzip(std::string(1 << 20, '\0'));
  EXPECT_EQ(read(bomb, 1 << 19).error().code, ErrorCode::ResourceExhausted);
  EXPECT_EQ(read(zstd(std::string(1 << 20, '\0')), 1 << 19).error().code,
            ErrorCode::ResourceExhausted);
  EXPECT_EQ(read_packed_file("/no/such/file").error().code, ErrorCode::NotFound);
}

TEST(FindLines, KeepsNumbersAndDropsBlankOnes) {
  const std::string text = "a\r\n\n  \t\nbc\n\nd";
  const std::vector<LineSpan> lines = find_lines(text);
  ASSERT_EQ(lines.size(), 3u);
  const std::vector<std::pair<std::string, int64_t>> expected = {{"a", 1}, {"bc", 4}, {"d", 6}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(
        text.substr(static_cast<size_t>(lines[i].offset), static_cast<size_t>(lines[i].length)),
        expected[i].first);
    EXPECT_EQ(lines[i].number, expected[i].second);
  }
  EXPECT_TRUE(find_lines("").empty());
  EXPECT_TRUE(find_lines("\n \r\n").empty());
}

TEST(FindInvalidUtf8, FollowsTheTableOfRfc3629) {
  const std::pair<std::string, int64_t> rows[] = {
      {"", -1},
      {"plain", -1},
      {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf", -1},
      {"\xed\x9f\xbf\xee\x80\x80", -1},
      {"a\x80", 1},
      {"ab\xff", 2},
      {"\xc0\x80", 0},          // overlong
      {"\xc1\xbf", 0},          // overlong
      {"\xe0\x9f\xbf", 0},      // overlong
      {"\xf0\x8f\xbf\xbf", 0},  // overlong
      {"\xed\xa0\x80", 0},      // surrogate
      {"\xf4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xf5\x80\x80\x80", 0},
      {"x\xc3", 1},  // cut
      {"x\xe2\x82", 1},
      {"x\xf0\x9f\x98", 1},
      {"\xe2\x82x", 0},
  };
  for (const auto& [text, expected] : rows)
    EXPECT_EQ(find_invalid_utf8(text), expected) << text;
}

}  // namespace
}  // namespace caco
