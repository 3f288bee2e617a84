// The plan of a run: the list of its steps, made from a recipe. plan.cpp is the table of contents
// of the whole method.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/pipeline/lazy_sandbox.h"
#include "caco/pipeline/recipe.h"
#include "caco/pipeline/step.h"
#include "caco/store/counts.h"
#include "caco/store/manifest.h"
#include "caco/store/run_directory.h"

namespace caco {

// Where this program's own parts are; the face finds out.
struct Installation {
  std::filesystem::path lm_program;       // caco-lm
  std::filesystem::path families_folder;  // of the seed families
  std::filesystem::path shipped_models;   // a checkpoint folder each
  int64_t num_cores = 1;
  std::string version;
  // Returns the value of an environment variable, empty when unset.
  std::function<std::string(const std::string& name)> environment;
};

// What a plan is made for: one that is only looked at opens no files for writing.
enum class PlanUse { Show, Run };

// An upper bound of a step's work, before anything is known of what earlier steps reject.
struct StepEstimate {
  int64_t num_samples = 0;   // that go in, or are made
  std::string model;         // that it asks or trains; empty = none
  int64_t num_requests = 0;  // to the model
  int64_t num_tokens = 0;    // that the model writes, at its length limits
};

// Owns everything that its steps use. Not copied or moved: the steps point into it.
class Plan {
 public:
  // InvalidArgument when options of the recipe do not go together, or a part that a step needs is
  // filled by none before it. Starts nothing and asks no model.
  // REQUIRES: for PlanUse::Run, the caller holds the run's lock.
  static Result<std::unique_ptr<Plan>> create(const Recipe& recipe, const RunDirectory& run,
                                              const Installation& installation, PlanUse use);

  // Does the checks that need the recipe alone.
  static Status check(const Recipe& recipe, const Installation& installation);

  const Recipe& recipe() const { return recipe_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<StepEstimate>& estimates() const { return estimates_; }

  // Returns what the run directory keeps of this plan, with the hashes of its seed files.
  Result<Manifest> manifest() const;

 private:
  friend class PlanBuilder;
  Plan(const Recipe& recipe, const RunDirectory& run, const Installation& installation,
       PlanUse use);
  // The documents that lie beside a data set.
  Result<std::vector<DataSetDocument>> write_documents(const DataSetSummary& summary,
                                                       const std::vector<StepCounts>& counts) const;

  const Recipe recipe_;
  const RunDirectory run_;
  const Installation installation_;
  PromptSet prompts_;
  LazySandbox sandbox_;
  LazySandbox families_sandbox_;  // with limits for our own programs, which make many problems
  LocalTrainer trainer_;
  Endpoints endpoints_;
  std::vector<Step> steps_;
  std::vector<StepEstimate> estimates_;
};

}  // namespace caco
