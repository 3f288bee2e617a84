#include "caco/answer/units.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/clean_text.h"

namespace caco {
namespace {

TEST(Units, CanonicalNames) {
  struct Row {
    std::string words;
    bool is_attached;
    std::string name;
    bool is_known;
  };
  const std::vector<Row> rows = {
      {"km", true, "kilometer", true},
      {"Kilometres", false, "kilometer", true},
      {"miles per hour", false, "mile/hour", true},
      {"km/h", false, "kilometer/hour", true},
      {"m/s^2", false, "meter/second^2", true},
      {"square meters", false, "meter^2", true},
      {"cubic cm", false, "centimeter^3", true},
      {"m", false, "meter", true},
      {"a m^3", true, "meter^3", true},
      {"apples", false, "apple", false},
      {"children tickets", false, "children ticket", false},
      {"th", true, "th", false},
  };
  for (const Row& row : rows) {
    std::string words = row.words;
    if (words.starts_with("a ")) words = kTextEdge + words.substr(1);
    const std::optional<Unit> unit = parse_unit(words, row.is_attached);
    ASSERT_TRUE(unit.has_value()) << row.words;
    EXPECT_EQ(unit->name, row.name);
    EXPECT_EQ(unit->is_known, row.is_known) << row.words;
  }
}

TEST(Units, MathematicsIsNoUnit) {
  struct Row {
    std::string words;
    bool is_attached;
  };
  const std::vector<Row> rows = {
      {"x", true},        {"m", true},       {"x", false},      {"s^2", false},
      {"t", false},       {"pi", false},     {"sin x", false},  {"squared", false},
      {"or more", false}, {"+ 3 km", false}, {"km = 3", false}, {"xy", false},
      {"km/", false},     {"", false},       {"p.m.", false},   {"apples", true},
  };
  for (const Row& row : rows) {
    EXPECT_FALSE(parse_unit(row.words, row.is_attached).has_value()) << row.words;
  }
}

}  // namespace
}  // namespace caco
