#include "caco/store/run_directory.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(RunDirectory, StepFoldersSurviveTheRoundTrip) {
  const std::pair<StepName, const char*> rows[] = {
      {{1, 1, "seeds"}, "01-seeds"},
      {{1, 4, "filter-seeds"}, "04-filter-seeds"},
      {{2, 8, "filter"}, "r2-08-filter"},
      {{12, 5, "train-generator"}, "r12-05-train-generator"},
      {{1, 14, "train-student-caco_half"}, "14-train-student-caco_half"},
      {{1, 100, "x"}, "100-x"},
  };
  for (const auto& [name, folder] : rows) {
    EXPECT_EQ(step_folder_name(name), folder);
    const std::optional<StepName> parsed = parse_step_folder_name(folder);
    ASSERT_TRUE(parsed.has_value()) << folder;
    EXPECT_EQ(parsed->round, name.round);
    EXPECT_EQ(parsed->number, name.number);
    EXPECT_EQ(parsed->step, name.step);
  }
}

TEST(RunDirectory, OtherFoldersAreNotSteps) {
  for (const char* folder : {"", "cache", "journal", "1-seeds", "01-", "01-Seeds", "r1-01-seeds",
                             "r-01-seeds", "r2", "r02-01-seeds", "001-seeds", "01seeds", "01--x",
                             ".01-seeds.tmp-1-2", "99999999999999999999-x"}) {
    EXPECT_FALSE(parse_step_folder_name(folder).has_value()) << folder;
  }
}

TEST(RunDirectory, StepFilesSurviveTheRoundTrip) {
  const std::pair<StepFileName, const char*> rows[] = {
      {{StepFileKind::Shard, 0}, "00000.jsonl.zst"},
      {{StepFileKind::Shard, 123456}, "123456.jsonl.zst"},
      {{StepFileKind::Rejects, 7}, "00007.rejects.jsonl.zst"},
      {{StepFileKind::Receipt, 99999}, "99999.receipt.json"},
      {{StepFileKind::StepReceipt, 0}, "receipt.json"},
      {{StepFileKind::Fingerprint, 0}, "fingerprint.txt"},
  };
  for (const auto& [name, file] : rows) {
    EXPECT_EQ(step_file_name(name), file);
    const std::optional<StepFileName> parsed = parse_step_file_name(file);
    ASSERT_TRUE(parsed.has_value()) << file;
    EXPECT_EQ(parsed->kind, name.kind);
    EXPECT_EQ(parsed->shard, name.shard);
  }
  EXPECT_EQ(parse_step_file_name(".00000.jsonl.zst.tmp-12-3")->kind, StepFileKind::Temporary);
}

TEST(RunDirectory, OtherFilesAreNotOurs) {
  for (const char* file : {"", "model", "0.jsonl.zst", "000001.jsonl.zst", "00001.jsonl",
                           "x0001.jsonl.zst", "00001.receipt.json.bak", "-0001.jsonl.zst",
                           "evaluation.json", "00001.rejects.rejects.jsonl.zst", ".hidden"}) {
    EXPECT_FALSE(parse_step_file_name(file).has_value()) << file;
  }
}

}  // namespace
}  // namespace caco
