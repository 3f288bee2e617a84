// generate: samples new programs from the generator that was trained on the seeds' programs,
// without any condition (the paper's section 5): the i-th program is a pure function of the model,
// the options, the recipe's seed, the round and i.
#pragma once

#include <cstdint>
#include <memory>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct GenerateOptions {
  int64_t num_samples = 1000;
  Sampling sampling = {.temperature = 0.9, .max_tokens = 512};
  ModelCalls calls;  // filled in by the plan
};

void describe(OptionFields& fields, GenerateOptions& options);

// Returns the source of one round's programs. The model and the prompts must outlive it.
// Rejections: NoProgram, ReplyTruncated.
std::unique_ptr<Source> make_generate_source(const GenerateOptions& options,
                                             LanguageModel& generator, const PromptSet& prompts,
                                             int64_t round);

}  // namespace caco
