#include "caco/pipeline/step.h"

#include <gtest/gtest.h>

#include <functional>

#include "caco/pipeline/test_steps.h"

namespace caco {
namespace {

struct Row {
  const char* what;  // part of the message; empty = a good plan
  std::function<void(std::vector<Step>&)> change;
};

TEST(CheckSteps, GoodAndBadPlans) {
  const Row rows[] = {
      {"",
       [](auto&) {
       }},
      {"comes later",
       [](auto& steps) {
         steps[1].inputs = {2};
       }},
      {"comes later",
       [](auto& steps) {
         steps[1].inputs = {1};
       }},
      {"comes later",
       [](auto& steps) {
         steps[1].after = {6};
       }},
      {"reads nothing",
       [](auto& steps) {
         steps[1].inputs = {};
       }},
      {"several steps",
       [](auto& steps) {
         steps[2].inputs = {0, 1};
       }},
      {"makes samples and reads",
       [](auto& steps) {
         steps[4].inputs = {0};
       }},
      {"shares its folder",
       [](auto& steps) {
         steps[2].folder = "01-seeds";
       }},
      {"folder name",
       [](auto& steps) {
         steps[2].folder = "filter";
       }},
      {"needs the part program",
       [](auto& steps) {
         steps[2].inputs = {0};
       }},
      {"needs the part program",
       [](auto& steps) {
         steps[6].inputs = {2, 4};
         steps[6].passes_on = {};
       }},
      {"does not read",
       [](auto& steps) {
         steps[6].passes_on = {1};
       }},
  };
  for (const Row& row : rows) {
    std::vector<Step> steps = test::make_plan({}, "");
    row.change(steps);
    const Status status = check_steps(steps);
    if (*row.what == '\0') {
      EXPECT_TRUE(status.ok());
    } else {
      ASSERT_FALSE(status.ok()) << row.what;
      EXPECT_NE(status.error().message.find(row.what), std::string::npos) << status.error().message;
    }
  }
}

}  // namespace
}  // namespace caco
