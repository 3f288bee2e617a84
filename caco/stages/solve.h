// solve: several worked solutions for each problem, from the problem's text alone. The solver never
// sees the program or its output: seeing them, a model copies the answer into reasoning that does
// not carry it (the paper's section 6). The dearest step; it sees only what survived all others.
#pragma once

#include <cstdint>
#include <memory>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct SolveOptions {
  int64_t num_solutions = 3;
  // Asks for two thirds of the solutions first and for the rest only where their answers differ:
  // with a majority needed, agreement of the first can no longer be outvoted.
  bool stop_on_agreement = true;
  Sampling sampling = {.temperature = 0.7, .top_p = 0.95, .max_tokens = 512, .calculator = true};
  ModelCalls calls;  // filled in by the plan
};

void describe(OptionFields& fields, SolveOptions& options);

// Returns the stage. The model and the prompts must outlive it. Rejections: NoAnswer. A solution
// that was cut by its length limit is kept, without an answer.
std::unique_ptr<Stage> make_solve_stage(const SolveOptions& options, LanguageModel& solver,
                                        const PromptSet& prompts);

}  // namespace caco
