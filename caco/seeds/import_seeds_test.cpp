#include "caco/seeds/import_seeds.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"

namespace caco {
namespace {

TEST(ImportSeeds, WritesPlainLinesAndCountsTheRest) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) /
                                       ("import_seeds_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::string text = R"({"question":"Q","answer":"1 + 1 = 2\n#### 2","extra":1})"
                     "\n"
                     R"({"question":"Q","answer":"again\n#### 2"})"
                     "\n";
  for (int i = 0; i < 30; ++i)
    text += "rubbish\n";
  ASSERT_TRUE(write_file_atomic(folder / "in.jsonl", text).ok());
  const ImportReport report =
      import_seeds(folder / "in.jsonl", field_map_preset("gsm8k").value(), folder / "out.jsonl")
          .value();
  EXPECT_EQ(read_file(folder / "out.jsonl").value(),
            "{\"question\":\"Q\",\"solution\":\"1 + 1 = 2\\n#### 2\",\"answer\":\"2\"}\n");
  EXPECT_EQ(report.num_read, 32);
  EXPECT_EQ(report.num_kept, 1);
  EXPECT_EQ(report.num_rejected.at("unreadable_seed"), 30);
  EXPECT_EQ(report.num_rejected.at("duplicate_seed"), 1);
  ASSERT_EQ(std::ssize(report.rejects), ImportReport::kMaxNamedRejects);
  EXPECT_TRUE(report.rejects[0].starts_with("in.jsonl:2: "));
  // What was written is read again as it is.
  const ImportReport again =
      import_seeds(folder / "out.jsonl", FieldMap{}, folder / "again.jsonl").value();
  EXPECT_EQ(again.num_kept, 1);
  EXPECT_EQ(read_file(folder / "again.jsonl").value(), read_file(folder / "out.jsonl").value());
  EXPECT_EQ(import_seeds(folder / "absent", FieldMap{}, folder / "x").error().code,
            ErrorCode::NotFound);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace caco
