#include "caco/pipeline/plan.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

Installation installation() {
  Installation installation;
  installation.lm_program = "caco-lm";
  installation.families_folder = std::string(CACO_SOURCE_DIR) + "/caco/seeds/families";
  installation.shipped_models = "models";
  installation.version = "test";
  return installation;
}

std::vector<std::string> folders_of(const std::string& text) {
  const Recipe recipe = parse_recipe(text, "r.toml").value();
  const auto plan = Plan::create(recipe, RunDirectory("runs/x"), installation(), PlanUse::Show);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  if (!plan.ok()) return {};
  std::vector<std::string> folders;
  for (const Step& step : plan.value()->steps())
    folders.push_back(step.folder);
  return folders;
}

using Folders = std::vector<std::string>;

TEST(Plan, TheDefaultGoesThroughTheWholeLoop) {
  const Folders expected = {"01-seeds",
                            "02-unify",
                            "03-execute-seeds",
                            "04-filter-seeds",
                            "05-train-generator",
                            "06-generate",
                            "07-execute",
                            "08-filter",
                            "09-dedup",
                            "10-reverse",
                            "11-solve",
                            "12-verify",
                            "13-assemble",
                            "14-train-student-seeds",
                            "14-train-student-verified",
                            "15-evaluate"};
  EXPECT_EQ(folders_of(write_recipe(default_recipe())), expected);
}

TEST(Plan, LaterRoundsHaveTheirPrefixAndComeBeforeTheDataSet) {
  const Folders folders = folders_of("[run]\nrounds = 2\n[[seeds]]\ncount = 10\n");
  const Folders tail(folders.begin() + 12, folders.end());
  const Folders expected = {"r2-05-train-generator", "r2-06-generate", "r2-07-execute",
                            "r2-08-filter",          "r2-09-dedup",    "r2-10-reverse",
                            "r2-11-solve",           "r2-12-verify",   "13-assemble"};
  EXPECT_EQ(tail, expected);
}

TEST(Plan, AGeneratorThatIsNoCheckpointIsNotTrained) {
  const Folders folders = folders_of(
      "[[seeds]]\ncount = 10\n[roles]\ngenerator = \"h\"\n[models.h]\nkind = \"http\"\n"
      "url = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n");
  EXPECT_EQ(std::count(folders.begin(), folders.end(), "05-train-generator"), 0);
  EXPECT_EQ(folders.size(), 12U);
}

TEST(Plan, EstimatesAreUpperBounds) {
  const Recipe recipe = parse_recipe(
                            "[[seeds]]\ncount = 10\n[generate]\nnum_samples = 100\nmax_tokens = "
                            "50\n[solve]\nnum_solutions = 3\nmax_tokens = 20\n",
                            "r.toml")
                            .value();
  const auto plan =
      Plan::create(recipe, RunDirectory("runs/x"), installation(), PlanUse::Show).value();
  const std::vector<StepEstimate>& estimates = plan->estimates();
  EXPECT_EQ(estimates[5].num_requests, 100);
  EXPECT_EQ(estimates[5].num_tokens, 5000);
  EXPECT_EQ(estimates[10].num_samples, 110);
  EXPECT_EQ(estimates[10].num_tokens, 110 * 3 * 20);
}

TEST(Plan, AMissingSeedFileIsNamed) {
  const Recipe recipe =
      parse_recipe("[[seeds]]\nkind = \"file\"\npath = \"no-such.jsonl\"\n", "r.toml").value();
  const auto plan = Plan::create(recipe, RunDirectory("runs/x"), installation(), PlanUse::Show);
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().message.find("no-such.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace caco
