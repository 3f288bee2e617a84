// reverse: has a problem written in words for each program that came without one, from the program
// with its own inputs and its output (the paper's section 6: so the answer is determined). Several
// candidates may be asked for; the first that states every input is taken, because a second
// question is cheaper than a lost program. Samples that have a problem, such as seeds, pass
// untouched.
#pragma once

#include <cstdint>
#include <memory>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct ReverseOptions {
  int64_t num_candidates = 2;
  // The paper's values for Qwen3-8B are 0.7, top-p 0.8 and top-k 20.
  Sampling sampling = {.temperature = 0.7, .top_p = 0.95, .max_tokens = 384};
  ModelCalls calls;  // filled in by the plan
};

void describe(OptionFields& fields, ReverseOptions& options);

// Returns the stage. The model and the prompts must outlive it. Rejections: NoProblem,
// ReplyTruncated. A question that leaves out an input is kept: `verify` rejects it.
std::unique_ptr<Stage> make_reverse_stage(const ReverseOptions& options, LanguageModel& reverser,
                                          const PromptSet& prompts);

}  // namespace caco
