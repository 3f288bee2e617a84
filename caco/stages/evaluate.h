// evaluate: what the models can do on problems that no step of the run has seen. Every model
// answers the same problems in the same way (greedy by default, calculator as set); its final
// answer is taken out of the solution and compared with the gold one by the same code that verifies
// samples. Answers that could not be compared are counted apart and are not correct.
//
// Written into the step's folder:
//   evaluation.json         counts, accuracy and its 95 % interval per model and benchmark; for
//   every
//                           pair of models the difference with its interval and McNemar's test
//   evaluation.md           the same as tables
//   predictions-MODEL.jsonl every problem with the solution, its answer and the verdict
// Emits no samples.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/sandbox/sandbox.h"
#include "caco/stages/benchmark.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct EvaluateOptions {
  Sampling sampling = {.temperature = 0, .max_tokens = 512, .calculator = true};
  ModelCalls calls;                          // filled in by the plan
  std::vector<BenchmarkOptions> benchmarks;  // likewise: the recipe's [[benchmark]] tables
};

void describe(OptionFields& fields, EvaluateOptions& options);

// One of the models that are compared. The first is the one that tables name first: the base.
struct NamedModel {
  std::string name;
  LanguageModel* model = nullptr;
};

// Returns the barrier. Models, sandbox and prompts must outlive it. InvalidArgument and NotFound
// come from benchmarks that cannot be read.
std::unique_ptr<Barrier> make_evaluate_barrier(const EvaluateOptions& options,
                                               std::vector<NamedModel> models, Sandbox& sandbox,
                                               const PromptSet& prompts);

}  // namespace caco
