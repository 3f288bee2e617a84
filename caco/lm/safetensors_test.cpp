#include "caco/lm/safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include "caco/base/file.h"

namespace caco::lm {
namespace {

std::string file_of(const std::string& header, size_t num_data_bytes) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(header.size()) >> shift));
  }
  return bytes + header + std::string(num_data_bytes, '\1');
}

struct Row {
  const char* header;
  size_t num_data_bytes;
  const char* problem;  // part of the message; nullptr: the file is good
};

const Row kRows[] = {
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8, nullptr},
    {R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   )", 4, nullptr},
    {R"({"a":{"dtype":"BF16","shape":[0,7],"data_offsets":[0,0]}})", 0, nullptr},
    {R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]},"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})",
     4, nullptr},
    {R"({"__metadata__":{"format":"pt"}})", 0, nullptr},
    {R"({})", 0, nullptr},
    {R"({})", 1, "tensors end at byte 0 of 1"},
    {R"([])", 0, "does not start with {"},
    {R"( {})", 0, "does not start with {"},
    {R"({"a":)", 0, "header: not valid JSON"},
    {R"({"a":3})", 0, "entry is not an object: a"},
    {R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8, "no dtype: a"},
    {R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", 8, "unknown dtype F31: a"},
    {R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8, "no shape: a"},
    {R"({"a":{"dtype":"F32","shape":[2]}})", 8, "no data_offsets: a"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", 8, "no data_offsets: a"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}})", 9, "do not fit"},
    {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, "bad dimension: a"},
    {R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8, "bad dimension: a"},
    {R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})", 8,
     "bad dimension: a"},
    {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", 8,
     "shape overflows: a"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "bad data_offsets: a"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", 8, "bad data_offsets: a"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7, "tensors end at byte 8 of 7"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})", 16, "hole or overlap at byte 0"},
    {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
     3, "hole or overlap at byte 2"},
    {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
     1, "a name occurs twice"},
    {R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
     "a name occurs twice"},
    {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
     1, "a name occurs twice"},
    {R"({"a:b,{\"c\":":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, nullptr},
    {R"({"a":{"dtype":"F32","shape":[0,9223372036854775807,4],"data_offsets":[0,0]}})", 0, nullptr},
    {R"({"a":{"dtype":"F32","shape":[9223372036854775807,4,0],"data_offsets":[0,0]}})", 0,
     "shape overflows: a"},
    {R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1,
     "too many dimensions: a"},
    {R"({"__metadata__":{"format":1}})", 0, "__metadata__ value is not a string: format"},
    {R"({"__metadata__":[]})", 0, "__metadata__ is not an object"},
};

TEST(Safetensors, HeadersGoodAndBad) {
  for (const Row& row : kRows) {
    const Result<SafetensorsHeader> header =
        parse_safetensors(file_of(row.header, row.num_data_bytes));
    if (row.problem == nullptr) {
      EXPECT_TRUE(header.ok()) << row.header << ": " << header.error().message;
    } else {
      ASSERT_FALSE(header.ok()) << row.header;
      EXPECT_NE(header.error().message.find(row.problem), std::string::npos)
          << row.header << ": " << header.error().message;
    }
  }
}

TEST(Safetensors, LengthsThatLie) {
  EXPECT_FALSE(parse_safetensors("").ok());
  EXPECT_FALSE(parse_safetensors("1234567").ok());
  EXPECT_FALSE(parse_safetensors(std::string(8, '\xff') + "{}").ok());
  EXPECT_FALSE(parse_safetensors(std::string("\3\0\0\0\0\0\0\0{}", 10)).ok());
}

TEST(Safetensors, HugeHeadersAreRefusedQuickly) {
  // Objects are searched from end to end: so many names would take minutes.
  std::string header = "{";
  for (int i = 0; i < 40000; ++i)
    header.append(i > 0 ? ",\"" : "\"").append(std::to_string(i)).append("\":{}");
  const Result<SafetensorsHeader> many = parse_safetensors(file_of(header + "}", 0));
  EXPECT_NE(many.error().message.find("more than 32768 members"), std::string::npos);
  const Result<SafetensorsHeader> deep =
      parse_safetensors(file_of("{\"a\":" + std::string(100000, '[') + "}", 0));
  EXPECT_NE(deep.error().message.find("nested deeper"), std::string::npos);
}

// Data that begins at an odd byte is copied, not read in place.
TEST(Safetensors, MisalignedDataIsRead) {
  const std::string path = testing::TempDir() + "/safetensors_test_misaligned.safetensors";
  for (size_t padding = 0; padding < 4; ++padding) {
    std::string bytes = file_of(
        R"({"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})" +
            std::string(padding, ' '),
        0);
    bytes += std::string("\x80\x3f\x00\x00\x20\x40", 6);
    ASSERT_TRUE(write_file_atomic(path, bytes).ok());
    const SafetensorsFile file = SafetensorsFile::open(path).value();
    EXPECT_EQ(file.read_float("a").value(), std::vector<float>{1.0f});
    EXPECT_EQ(file.read_float("b").value(), std::vector<float>{2.5f});
  }
}

// Every prefix and every single changed byte is either read or refused, never a crash.
TEST(Safetensors, DamagedFilesNeverCrash) {
  const std::string good = file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(parse_safetensors(good.substr(0, length)).ok()) << length;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; value += 5) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(value);
      const Result<SafetensorsHeader> header = parse_safetensors(damaged);
      if (!header.ok()) continue;
      for (const auto& [name, entry] : header.value().tensors)
        EXPECT_LE(entry.end, 8) << name;
    }
  }
}

// Pieces of good files cut, doubled and swapped at random: what is read is within the file.
TEST(Safetensors, ShuffledFilesNeverCrash) {
  std::string good;
  for (const Row& row : kRows)
    good += row.header;
  std::mt19937_64 random(17);
  for (int round = 0; round < 20000; ++round) {
    std::string header = "{";
    while (random() % 4 != 0) {
      const size_t from = random() % good.size();
      header += good.substr(from, random() % 60);
    }
    header += "}";
    const size_t num_data_bytes = random() % 9;
    const Result<SafetensorsHeader> parsed = parse_safetensors(file_of(header, num_data_bytes));
    if (!parsed.ok()) continue;
    for (const auto& [name, entry] : parsed.value().tensors) {
      EXPECT_LE(entry.end, static_cast<int64_t>(num_data_bytes)) << header;
    }
  }
}

TEST(Safetensors, WrittenFilesComeBack) {
  const std::string path = testing::TempDir() + "/safetensors_test.safetensors";
  const std::vector<float> first = {1.0f, -2.5f, 0.0f, 3.0e-5f, 65504.0f, 1.0f / 3.0f};
  const std::vector<float> second = {42.0f};
  const std::vector<TensorView> tensors = {{"x.y", {2, 3}, first}, {"scalar", {}, second}};
  const struct {
    DType dtype;
    float relative;
  } rows[] = {{DType::F32, 0}, {DType::BF16, 1.0f / 256}, {DType::F16, 1.0f / 512}};
  for (const auto& row : rows) {
    ASSERT_TRUE(write_safetensors(path, tensors, row.dtype).ok());
    Result<SafetensorsFile> file = SafetensorsFile::open(path);
    ASSERT_TRUE(file.ok()) << file.error().message;
    EXPECT_EQ(file.value().header().metadata.at("format"), "pt");
    EXPECT_EQ(file.value().header().tensors.at("x.y").shape, (std::vector<int64_t>{2, 3}));
    const Result<std::vector<float>> values = file.value().read_float("x.y");
    ASSERT_TRUE(values.ok());
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_NEAR(values.value()[i], first[i], row.relative * std::fabs(first[i])) << i;
    }
    EXPECT_EQ(file.value().read_float("scalar").value(), second);
    EXPECT_FALSE(file.value().read_float("absent").ok());
  }
  EXPECT_FALSE(write_safetensors(path, {}, DType::F32).ok());
  const std::vector<TensorView> twice = {{"a", {1}, second}, {"a", {1}, second}};
  EXPECT_FALSE(write_safetensors(path, twice, DType::F32).ok());
  EXPECT_FALSE(SafetensorsFile::open(path + ".absent").ok());
}

TEST(Safetensors, RoundsToNearestEven) {
  const struct {
    float value;
    uint16_t bfloat16;
    uint16_t float16;
  } rows[] = {
      {1.0f, 0x3f80, 0x3c00},       {-2.0f, 0xc000, 0xc000},
      {0x1.01p0f, 0x3f80, 0x3c04},  // a tie for bfloat16: down to even
      {0x1.03p0f, 0x3f82, 0x3c0c},  // a tie for bfloat16: up to even
      {0x1.002p0f, 0x3f80, 0x3c00}, {0x1.006p0f, 0x3f80, 0x3c02},
      {65519.0f, 0x4780, 0x7bff},   {65520.0f, 0x4780, 0x7c00},
      {0x1p-24f, 0x3380, 0x0001},   {0x1p-25f, 0x3300, 0x0000},
      {0x1.8p-24f, 0x33c0, 0x0002}, {std::numeric_limits<float>::infinity(), 0x7f80, 0x7c00}};
  for (const auto& row : rows) {
    EXPECT_EQ(float_to_bfloat16(row.value), row.bfloat16) << row.value;
    EXPECT_EQ(float_to_float16(row.value), row.float16) << row.value;
  }
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(nan))));
  EXPECT_TRUE(std::isnan(float16_to_float(float_to_float16(nan))));
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    EXPECT_EQ(float_to_float16(float16_to_float(half)), half);
  }
}

}  // namespace
}  // namespace caco::lm
