#include "caco/base/options.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

struct Sample {
  bool on = false;
  int64_t count = 3;
  double ratio = 0.5;
  std::string mode = "exact";
  std::vector<std::string> names;
};

OptionFields describe(Sample& sample) {
  OptionFields fields;
  fields.boolean("on", sample.on, "whether");
  fields.integer("count", sample.count, 1, 10, "how many");
  fields.number("ratio", sample.ratio, 0, 1, "which part");
  fields.choice("mode", sample.mode, {"exact", "loose"}, "how");
  fields.list("names", sample.names, "who");
  fields.last_is_performance_only();
  return fields;
}

TEST(Options, AcceptsAndRefusesByDescription) {
  struct Row {
    size_t field;
    const char* value;
    bool accepted;
  };
  const Row rows[] = {{0, "true", true},      {0, "1", false},         {1, "10", true},
                      {1, "11", false},       {1, "0", false},         {1, "2.5", false},
                      {2, "1", true},         {2, "1.01", false},      {2, "\"x\"", false},
                      {3, "\"loose\"", true}, {3, "\"other\"", false}, {4, "[\"a\"]", true},
                      {4, "[1]", false},      {4, "\"a\"", false}};
  for (const Row& row : rows) {
    Sample sample;
    const OptionFields fields = describe(sample);
    EXPECT_EQ(set_option(fields.all()[row.field], parse_json(row.value).value()).ok(), row.accepted)
        << fields.all()[row.field].name << " = " << row.value;
  }
}

TEST(Options, RefusalNamesTheAllowedValues) {
  Sample sample;
  const Status status = set_option(describe(sample).all()[1], Json(11));
  EXPECT_EQ(status.error().message, "wrong value of count: 11; allowed: an integer from 1 to 10");
}

TEST(Options, HashedOptionsLeaveOutPerformance) {
  Sample sample;
  EXPECT_EQ(dump_json(options_to_json(describe(sample), true)),
            R"({"on":false,"count":3,"ratio":0.5,"mode":"exact"})");
  EXPECT_TRUE(options_to_json(describe(sample), false).contains("names"));
}

}  // namespace
}  // namespace caco
