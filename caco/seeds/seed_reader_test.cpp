#include "caco/seeds/seed_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <set>

#include "caco/base/file.h"
#include "caco/base/test_data.h"

namespace caco {
namespace {

class SeedReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(testing::TempDir()) /
            ("seed_reader_test_" + std::to_string(::getpid()) + ".jsonl");
  }
  void TearDown() override { std::filesystem::remove(path_); }
  SeedReader open(const std::string& content, std::string source = "mine") const {
    EXPECT_TRUE(write_file_atomic(path_, content).ok());
    return SeedReader::open(path_, FieldMap{}, std::move(source)).value();
  }
  std::filesystem::path path_;
};

std::string seed_line(const std::string& question) {
  return "{\"question\":\"" + question + "\",\"solution\":\"S\"}\n";
}

TEST_F(SeedReaderTest, EveryLineBecomesASample) {
  const SeedReader reader = open(seed_line("A") + "\n" + "rubbish\n" + seed_line("B") +
                                 seed_line("A  ") + "{}\n" + seed_line("A"));
  struct Row {
    std::string location;
    std::optional<RejectReason> reason;
    std::string says;
  };
  const std::string name = path_.filename().string();
  const Row rows[] = {
      {":1", std::nullopt, ""},
      {":3", RejectReason::UnreadableSeed, "not valid JSON"},
      {":4", std::nullopt, ""},
      {":5", RejectReason::DuplicateSeed, "same question as line 1"},
      {":6", RejectReason::UnreadableSeed, "no question"},
      {":7", RejectReason::DuplicateSeed, "same question as line 1"},
  };
  ASSERT_EQ(reader.size(), 6);
  std::set<std::string> ids;
  for (int64_t i = 0; i < reader.size(); ++i) {
    const Row& row = rows[i];
    const Sample sample = reader.read(i);
    ids.insert(sample.id);
    EXPECT_EQ(sample.origin, Origin::Seed);
    ASSERT_TRUE(sample.seed);
    EXPECT_EQ(sample.seed->source, "mine");
    EXPECT_EQ(sample.seed->location, name + row.location);
    ASSERT_EQ(sample.rejection.has_value(), row.reason.has_value()) << i;
    if (!row.reason) continue;
    EXPECT_EQ(sample.rejection->reason, *row.reason) << i;
    EXPECT_NE(sample.rejection->detail.find(row.says), std::string::npos)
        << sample.rejection->detail;
    EXPECT_TRUE(sample.rejection->detail.starts_with(name + row.location));
    EXPECT_EQ(sample.rejection->detail.find('\n'), std::string::npos);
  }
  EXPECT_EQ(ids.size(), 6u);
}

TEST_F(SeedReaderTest, IdsFollowTheContentNotThePlace) {
  const SeedReader one = open(seed_line("A") + seed_line("B"));
  const std::string a = one.read(0).id;
  const std::string b = one.read(1).id;
  const SeedReader appended = open(seed_line("A") + seed_line("B") + seed_line("C"));
  EXPECT_EQ(appended.read(0).id, a);
  EXPECT_EQ(appended.read(1).id, b);
  EXPECT_NE(appended.content_hash(), one.content_hash());
  const SeedReader moved = open("broken\n" + seed_line("B") + seed_line("A"));
  EXPECT_EQ(moved.read(1).id, b);
  EXPECT_EQ(moved.read(2).id, a);
  EXPECT_NE(open(seed_line("A"), "other").read(0).id, a);
}

TEST_F(SeedReaderTest, MissingFilesAreErrors) {
  EXPECT_EQ(SeedReader::open("/no/such/file", FieldMap{}, "x").error().code, ErrorCode::NotFound);
  EXPECT_EQ(open("").size(), 0);
}

TEST_F(SeedReaderTest, ReadsRealSeeds) {
  const std::filesystem::path folder = test_data_folder() / "seeds";
  struct Row {
    std::string file, preset;
    int64_t num_lines, num_unreadable, num_duplicate, num_without_answer;
  };
  // Two lines of CodeI/O hold the bare word Infinity, which is not JSON (RFC 8259, section 6).
  const Row rows[] = {
      {"gsm8k_train.jsonl.gz", "gsm8k", 7473, 0, 0, 0},
      {"mbpp_train.jsonl.gz", "mbpp", 474, 0, 0, 9},
      {"mathqa_dev.jsonl.gz", "plain", 2724, 0, 0, 0},
      {"aqua_dev.jsonl.gz", "plain", 254, 0, 0, 0},
      {"codeio_reasoning_gym.jsonl.gz", "plain", 2586, 2, 2, 0},
  };
  if (!std::filesystem::exists(folder / rows[0].file)) {
    GTEST_SKIP() << "no seeds at " << folder << "; set CACO_TEST_DATA to the folder above `seeds`";
  }
  for (const Row& row : rows) {
    const SeedReader reader =
        SeedReader::open(folder / row.file, field_map_preset(row.preset).value(), "real").value();
    EXPECT_EQ(reader.size(), row.num_lines) << row.file;
    int64_t num_without_answer = 0;
    std::map<RejectReason, int64_t> num_rejected;
    for (int64_t i = 0; i < reader.size(); ++i) {
      const Sample sample = reader.read(i);
      if (sample.rejection) {
        ++num_rejected[sample.rejection->reason];
      } else if (sample.seed->answer.empty()) {
        ++num_without_answer;
      }
    }
    EXPECT_EQ(num_rejected[RejectReason::UnreadableSeed], row.num_unreadable) << row.file;
    EXPECT_EQ(num_rejected[RejectReason::DuplicateSeed], row.num_duplicate) << row.file;
    EXPECT_EQ(num_without_answer, row.num_without_answer) << row.file;
  }
}

}  // namespace
}  // namespace caco
