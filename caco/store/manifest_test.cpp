#include "caco/store/manifest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"

namespace caco {
namespace {

class ManifestTest : public testing::Test {
 protected:
  ManifestTest()
      : run_(std::filesystem::path(testing::TempDir()) /
             ("manifest_test_" + std::to_string(getpid()))) {}
  void SetUp() override { std::filesystem::remove_all(run_.root()); }
  void TearDown() override { std::filesystem::remove_all(run_.root()); }
  RunDirectory run_;
};

Manifest example() {
  return {"0.1.0", "quickstart.toml", "[run]\nseed = 1\n", {{"a.jsonl", 3, "abc"}}, {"01-seeds"}};
}

TEST_F(ManifestTest, SurvivesTheRoundTrip) {
  EXPECT_TRUE(update_manifest(run_, example()).value());
  EXPECT_EQ(encode_manifest(read_manifest(run_).value()), encode_manifest(example()));
}

TEST_F(ManifestTest, UnchangedWritesNothingAndChangedKeepsTheEarlier) {
  Manifest manifest = example();
  ASSERT_TRUE(update_manifest(run_, manifest).value());
  EXPECT_FALSE(update_manifest(run_, manifest).value());
  EXPECT_FALSE(std::filesystem::exists(run_.old_manifest(1)));
  manifest.recipe = "[run]\nseed = 2\n";
  EXPECT_TRUE(update_manifest(run_, manifest).value());
  EXPECT_EQ(decode_manifest(read_file(run_.old_manifest(1)).value()).value().recipe,
            example().recipe);
  manifest.recipe = "[run]\nseed = 3\n";
  EXPECT_TRUE(update_manifest(run_, manifest).value());
  EXPECT_TRUE(std::filesystem::exists(run_.old_manifest(2)));
  EXPECT_EQ(read_manifest(run_).value().recipe, manifest.recipe);
}

TEST_F(ManifestTest, NoRunDirectorySaysWhatToDo) {
  const auto result = read_manifest(run_);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::NotFound);
  EXPECT_NE(result.error().hint.find("caco run"), std::string::npos);
}

TEST_F(ManifestTest, DamagedIsDataLoss) {
  for (const char* text : {"", "{", "[]", R"({"v":2})", R"({"v":1,"steps":1})",
                           R"({"v":1,"steps":[1]})", R"({"v":1,"seeds":["x"]})"}) {
    ASSERT_TRUE(write_file_atomic(run_.manifest(), text).ok());
    EXPECT_EQ(read_manifest(run_).error().code, ErrorCode::DataLoss) << text;
  }
}

}  // namespace
}  // namespace caco
