#include "caco/sandbox_service/languages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caco {
namespace {

TEST(Languages, KnowsThoseOfSandboxFusion) {
  EXPECT_EQ(fusion_language("python"), FusionLanguage::Python);
  EXPECT_EQ(fusion_language("cpp"), FusionLanguage::Compiled);
  EXPECT_EQ(fusion_language("nodejs"), FusionLanguage::Interpreted);
  EXPECT_EQ(fusion_language("Python"), std::nullopt);
  EXPECT_EQ(fusion_language(""), std::nullopt);
}

struct VersionRow {
  std::string selector;
  bool is_taken;
};

TEST(Languages, SelectsVersionsAsPistonDoes) {
  const std::vector<VersionRow> rows = {
      {"*", true},      {"3", true},      {"3.x", true},       {"3.11", true},   {"3.11.2", true},
      {"3.11.x", true}, {"v3.11", true},  {"=3.11.2", true},   {"^3.10", true},  {"^3.11.2", true},
      {"~3.11", true},  {">=3.8", true},  {">3.10", true},     {"<4", true},     {"<=3.11", true},
      {"2", false},     {"3.12", false},  {"3.11.3", false},   {"^3.12", false}, {"^2.7", false},
      {"~3.10", false}, {">3.11", false}, {"<3.11", false},    {"", false},      {"latest", false},
      {"3..1", false},  {">=", false},    {"3.11.2.1", false},
  };
  for (const VersionRow& row : rows)
    EXPECT_EQ(selects_version(row.selector, "3.11.2"), row.is_taken) << row.selector;
}

}  // namespace
}  // namespace caco
