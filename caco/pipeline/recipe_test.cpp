#include "caco/pipeline/recipe.h"

#include <gtest/gtest.h>

#include "caco/pipeline/recipe_check.h"
#include "caco/pipeline/recipe_tables.h"

namespace caco {
namespace {

TEST(Recipe, WrittenRecipesParseToTheSameOptions) {
  for (const Recipe& recipe : {Recipe(), default_recipe()}) {
    const std::string text = write_recipe(recipe);
    const Result<Recipe> parsed = parse_recipe(text, "r.toml");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(write_recipe(parsed.value()), text);
  }
}

TEST(Recipe, ReadsValuesOfAllTables) {
  const Recipe recipe = parse_recipe(R"(
[run]
seed = 7
[roles]
solver = "big"
[models.big]
kind = "http"
url = "http://127.0.0.1:1/v1"
model = "m"
[filter]
min_effective_lines = 4
[solve]
temperature = 1
[[seeds]]
kind = "file"
path = "a.jsonl"
[[student]]
name = "a"
[[student]]
name = "b"
fraction = 0.5
)",
                                     "r.toml")
                            .value();
  EXPECT_EQ(recipe.run.seed, 7);
  EXPECT_EQ(recipe.roles.solver, "big");
  ASSERT_EQ(recipe.models.size(), 1U);
  EXPECT_EQ(recipe.models[0].name, "big");
  EXPECT_EQ(recipe.filter.min_effective_lines, 4);
  EXPECT_EQ(recipe.solve.sampling.temperature, 1.0);
  ASSERT_EQ(recipe.students.size(), 2U);
  EXPECT_EQ(recipe.students[1].fraction, 0.5);
}

TEST(Recipe, WrongTextsSayFileLineKeyAndWhatIsAllowed) {
  struct Row {
    const char* text;
    std::vector<const char*> parts;  // of the message
  };
  const Row rows[] = {
      {"[filter]\nmin_efective_lines = 4\n",
       {"r.toml:2: ", "unknown key \"min_efective_lines\" in [filter]",
        "did you mean \"min_effective_lines\"?", "allowed: ", "max_effective_lines"}},
      {"\n\n[filtre]\n", {"r.toml:3: ", "unknown table \"filtre\"", "did you mean \"filter\"?"}},
      {"[run]\nseed = \"x\"\n", {"r.toml:2: ", "[run]", "seed", "an integer from 0"}},
      {"[run]\nrounds = 0\n", {"r.toml:2: ", "rounds: 0", "an integer from 1 to 20"}},
      {"[run]\nprompts = \"other\"\n", {"r.toml:2: ", "one of: embedded, instruct"}},
      {"[run]\nseed = 2020-01-01\n", {"r.toml:2: ", "seed"}},
      {"[filter]\nforbidden_imports = [1]\n", {"r.toml:2: ", "a list of strings"}},
      {"[student]\nname = \"x\"\n", {"r.toml:1: ", "write [[student]]"}},
      {"[[filter]]\n", {"r.toml:1: ", "expected a table [filter]"}},
      {"models = 3\n", {"r.toml:1: ", "[models.NAME]"}},
      {"[models]\nbig = 3\n", {"r.toml:2: ", "[models.big]"}},
      {"[run]\nseed = 1\nseed = 2\n", {"r.toml:3: ", "not valid TOML"}},
      {"[run\n", {"r.toml:1: ", "not valid TOML"}},
      {"zzzzzzzzzz = 1\n", {"r.toml:1: ", "unknown table", "allowed: run, roles"}},
  };
  for (const Row& row : rows) {
    const Result<Recipe> recipe = parse_recipe(row.text, "r.toml");
    ASSERT_FALSE(recipe.ok()) << row.text;
    EXPECT_EQ(recipe.error().code, ErrorCode::InvalidArgument);
    for (const char* part : row.parts) {
      EXPECT_NE(recipe.error().message.find(part), std::string::npos)
          << "\"" << part << "\" is not in: " << recipe.error().message;
    }
  }
}

TEST(Recipe, OptionsThatDoNotGoTogetherAreRefused) {
  struct Row {
    const char* text;
    const char* part;  // of the message; empty = good
  };
  const Row rows[] = {
      {"[[seeds]]\ncount = 5\n", ""},
      {"", "no [[seeds]] table"},
      {"[[seeds]]\nkind = \"file\"\n", "r.toml:1: [seeds] path: source \"families\""},
      {"[[seeds]]\n[[seeds]]\n", "two sources"},
      {"[[seeds]]\nkind = \"file\"\npath = \"x\"\npreset = \"nope\"\n", "preset"},
      {"[[seeds]]\n[roles]\nsolver = \"\"\n", "r.toml:3: [roles] solver: this role must be filled"},
      {"[[seeds]]\n[roles]\nunifier = \"\"\n", ""},
      {"[[seeds]]\n[roles]\nsolver = \"big\"\n", "no model \"big\""},
      {"[[seeds]]\n[roles]\njudge = \"embedded\"\n", "r.toml:3: [roles] judge: the prompts"},
      {"[[seeds]]\n[models.embedded]\n", "belongs to a model that is shipped"},
      {"[[seeds]]\n[[student]]\nname = \"a\"\n[[student]]\nname = \"a\"\n", "two models"},
      {"[[seeds]]\n[[student]]\nname = \"base\"\n", "two models"},
      {"[[seeds]]\n[[student]]\nname = \"A b\"\n", "lower-case"},
      {"[[seeds]]\n[[student]]\nrounds = 2\n", "[student] rounds: student \"student\" asks for 2"},
      {"[[seeds]]\n[run]\nrounds = 2\n[[student]]\nrounds = 2\n", ""},
      {"[[seeds]]\n[[student]]\n[roles]\nstudent = \"\"\n", "must be filled"},
      {"[[seeds]]\n[[student]]\n[roles]\nstudent = \"h\"\n[models.h]\nkind = \"http\"\n",
       "local checkpoint"},
      {"[[seeds]]\n[[benchmark]]\n[[benchmark]]\n", "two benchmarks"},
      {"[[seeds]]\n[[benchmark]]\nkind = \"file\"\n", "has no path"},
  };
  const PromptSet prompts = builtin_prompts("embedded").value();
  for (const Row& row : rows) {
    const Recipe recipe = parse_recipe(row.text, "r.toml").value();
    const Status status = check_recipe(recipe, prompts, "shipped-models");
    if (*row.part == '\0') {
      EXPECT_TRUE(status.ok()) << row.text;
      continue;
    }
    ASSERT_FALSE(status.ok()) << row.text;
    EXPECT_NE(status.error().message.find(row.part), std::string::npos) << status.error().message;
  }
}

TEST(Recipe, NearestName) {
  const std::vector<std::string> names = {"filter", "generate", "dedup"};
  EXPECT_EQ(nearest_name("filtr", names), "filter");
  EXPECT_EQ(nearest_name("genrate", names), "generate");
  EXPECT_EQ(nearest_name("something", names), "");
}

}  // namespace
}  // namespace caco
