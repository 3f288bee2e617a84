// Recipe: the TOML file that says everything about a run. Every table is an options struct whose
// fields are described once (base/options.h); reading, checking, and writing a commented recipe all
// go through the one list of tables in recipe_tables.cpp. Plain data; functions are pure and
// thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/model/endpoints.h"
#include "caco/sandbox/sandbox.h"
#include "caco/stages/assemble.h"
#include "caco/stages/benchmark.h"
#include "caco/stages/dedup.h"
#include "caco/stages/evaluate.h"
#include "caco/stages/execute.h"
#include "caco/stages/filter.h"
#include "caco/stages/generate.h"
#include "caco/stages/reverse.h"
#include "caco/stages/seeds_source.h"
#include "caco/stages/solve.h"
#include "caco/stages/train.h"
#include "caco/stages/unify.h"
#include "caco/stages/verify.h"

namespace caco {

// The table [run].
struct RunOptions {
  int64_t seed = 1;
  int64_t rounds = 1;
  int64_t shard_size = 256;
  std::string prompts = "embedded";
  std::string prompts_folder;
  int64_t num_threads = 0;
  int64_t model_batch_size = 64;
  int64_t model_batches = 2;
  std::string lm_program;
};
void describe(OptionFields& fields, RunOptions& options);

// The table [roles]: the names of models, "" = the role is not filled.
struct RoleOptions {
  std::string generator = "embedded";
  std::string unifier = "embedded";
  std::string reverser = "embedded";
  std::string solver = "embedded";
  std::string judge;
  std::string student = "embedded-student";
};
void describe(OptionFields& fields, RoleOptions& options);

// The names that a role may give without a table [models.NAME]: the models that are shipped. The
// student is smaller than the model that makes the data, so that there is something to teach it.
inline constexpr std::array<std::string_view, 2> kShippedModels = {"embedded", "embedded-student"};
inline bool is_shipped(std::string_view name) {
  return std::ranges::find(kShippedModels, name) != kShippedModels.end();
}

struct Recipe {
  std::string path;  // of the file, as given; for messages
  std::string text;  // the whole file

  RunOptions run;
  RoleOptions roles;
  std::vector<ModelBinding> models;
  SandboxOptions sandbox;
  std::vector<SeedSourceOptions> seeds;
  UnifyOptions unify;
  ExecuteOptions execute;
  FilterOptions filter;
  TrainOptions train;
  GenerateOptions generate;
  DedupOptions dedup;
  ReverseOptions reverse;
  SolveOptions solve;
  VerifyOptions verify;
  AssembleOptions assemble;
  std::vector<StudentOptions> students;
  std::vector<BenchmarkOptions> benchmarks;
  EvaluateOptions evaluate;
};

// Returns the recipe of a TOML text. `path` is only used in messages. InvalidArgument names file,
// line, table and key, what is allowed, and the nearest name when a key or table is unknown.
Result<Recipe> parse_recipe(std::string_view text, const std::string& path);

// Reads and parses a file. NotFound says how to make one.
Result<Recipe> load_recipe(const std::filesystem::path& path);

// Returns the recipe that `caco init` writes: the whole loop on the seed families and the embedded
// model.
Recipe default_recipe();

// Returns a recipe file with every option, each with its description, what is allowed and the value
// that it has in `recipe`. Parsing it gives the same options.
std::string write_recipe(Recipe recipe);

// Returns the hash of all options that the data set depends on: not those of students and their
// evaluation, and none that only affects speed.
std::string hash_data_options(Recipe recipe);

// Returns the binding of that name: one of the recipe's models, or a shipped one, whose checkpoint
// is in `shipped_models`/NAME. NotFound lists the models that there are.
Result<ModelBinding> find_model(const Recipe& recipe, const std::string& name,
                                const std::filesystem::path& shipped_models);

}  // namespace caco
