#include "caco/store/step_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"

namespace caco {
namespace {

class StepFolderTest : public testing::Test {
 protected:
  StepFolderTest()
      : run_(std::filesystem::path(testing::TempDir()) /
             ("step_folder_test_" + std::to_string(getpid()))) {}
  void SetUp() override { std::filesystem::remove_all(run_.root()); }
  void TearDown() override { std::filesystem::remove_all(run_.root()); }

  void write(const std::string& path) const {
    ASSERT_TRUE(write_file_atomic(run_.root() / path, path).ok());
  }
  bool has(const std::string& path) const { return std::filesystem::exists(run_.root() / path); }

  RunDirectory run_;
};

TEST_F(StepFolderTest, PublishingReplacesTheEarlierFolder) {
  write("05-train/old.txt");
  write(".05-train.tmp-1-1/model/new.txt");
  ASSERT_TRUE(
      publish_step_folder(run_.root() / ".05-train.tmp-1-1", run_.root() / "05-train").ok());
  EXPECT_TRUE(has("05-train/model/new.txt"));
  EXPECT_FALSE(has("05-train/old.txt"));
  EXPECT_FALSE(has(".05-train.tmp-1-1"));
}

TEST_F(StepFolderTest, LeftoversGoAndTheRestStays) {
  for (const char* path : {".05-train.tmp-1-1/x", "01-seeds/.00000.jsonl.zst.tmp-9-0",
                           "01-seeds/00000.jsonl.zst", "manifest.json", "notes/.x.tmp-1-1"}) {
    write(path);
  }
  ASSERT_TRUE(remove_leftovers(run_).ok());
  EXPECT_FALSE(has(".05-train.tmp-1-1"));
  EXPECT_FALSE(has("01-seeds/.00000.jsonl.zst.tmp-9-0"));
  EXPECT_TRUE(has("01-seeds/00000.jsonl.zst"));
  EXPECT_TRUE(has("manifest.json"));
  EXPECT_TRUE(has("notes/.x.tmp-1-1")) << "not a step's folder";
}

TEST_F(StepFolderTest, OnlyExtraShardsGo) {
  for (const char* path :
       {"01-a/00000.jsonl.zst", "01-a/00001.jsonl.zst", "01-a/00001.rejects.jsonl.zst",
        "01-a/00001.receipt.json", "01-a/receipt.json", "01-a/notes.txt"}) {
    write(path);
  }
  ASSERT_TRUE(remove_shards_from(run_.step("01-a"), 1).ok());
  EXPECT_TRUE(has("01-a/00000.jsonl.zst"));
  EXPECT_FALSE(has("01-a/00001.jsonl.zst"));
  EXPECT_FALSE(has("01-a/00001.rejects.jsonl.zst"));
  EXPECT_FALSE(has("01-a/00001.receipt.json"));
  EXPECT_TRUE(has("01-a/receipt.json"));
  EXPECT_TRUE(has("01-a/notes.txt"));
}

TEST_F(StepFolderTest, CacheOfOneStepGoesButTheKeptOne) {
  for (const char* path :
       {"cache/05-train-aa/x", "cache/05-train-bb/x", "cache/05-train-more-aa/x"}) {
    write(path);
  }
  ASSERT_TRUE(remove_step_cache(run_, "05-train", "05-train-bb").ok());
  EXPECT_FALSE(has("cache/05-train-aa"));
  EXPECT_TRUE(has("cache/05-train-bb"));
  EXPECT_TRUE(has("cache/05-train-more-aa"));
}

}  // namespace
}  // namespace caco
