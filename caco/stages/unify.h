// unify: brings each seed into unified Code CoT form, and makes its question the sample's problem.
// A seed that has a program of its own is rewritten mechanically, inside the sandbox, because its
// text is untrusted; one that has only words (or whose program is of no known form) goes to the
// role `unifier`. Whether the result is right is not decided here: `execute` runs it and `filter`
// compares its output with the gold answer.
#pragma once

#include <memory>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/sandbox/sandbox.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct UnifyOptions {
  // One sample per seed at 0.6, as in the paper (section 3); greedy suits a small model better.
  Sampling sampling = {.temperature = 0, .max_tokens = 768};
  ModelCalls calls;  // filled in by the plan
};

void describe(OptionFields& fields, UnifyOptions& options);

// Returns the stage. Without `unifier` seeds that have only words are rejected as NoProgram. The
// sandbox, the model and the prompts must outlive the stage. Rejections: NoProgram, ReplyTruncated.
std::unique_ptr<Stage> make_unify_stage(const UnifyOptions& options, Sandbox& sandbox,
                                        LanguageModel* unifier, const PromptSet& prompts);

}  // namespace caco
