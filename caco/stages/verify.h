// verify: decides whether question, solutions and program belong together (the paper's dual
// verification, section 6, with checks before it that need no model). In order, cheapest first:
//   1. The question introduces everybody whom it asks about (introduced_names.h) and states every
//      input of the program (stated_inputs.h). Not asked of a seed that came with a gold answer:
//      its question is the user's own.
//   2. Enough solutions end in the program's output. "Could not be compared" is counted apart: a
//      sample fails as AnswerDiffers only when no reading of the unknown ones could have saved it.
//   3. A solution among those that are right reasons as the program does (worked_steps.h); one
//      whose numbers, lists or texts contradict it, or themselves, is not taken.
//   4. The role `judge`, if bound, agrees that the chosen solution and the program reason alike.
// The chosen solution is the first that passes; one with checked steps goes before one that has no
// numbers to check.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "caco/model/language_model.h"
#include "caco/model/prompts.h"
#include "caco/sandbox/sandbox.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/stage.h"

namespace caco {

struct VerifyOptions {
  bool check_inputs = true;
  bool check_names = true;
  int64_t min_agree = 0;  // 0 = more than half; more than there are means all
  bool check_steps = true;
  double min_shared_steps = 0.5;
  bool require_steps = false;
  std::string undecided_judge = "reject";  // or "keep"
  Sampling sampling = {.temperature = 0, .max_tokens = 512};
  ModelCalls calls;  // filled in by the plan
};

void describe(OptionFields& fields, VerifyOptions& options);

// Returns the stage. `judge` may be null; what is given must outlive the stage. The sandbox runs
// the program once more to see its intermediate values. Rejections: NameNotIntroduced,
// InputNotStated, AnswerDiffers, AnswerUnknown, Inconsistent, JudgedWrong. Rejected samples keep
// their verification part.
std::unique_ptr<Stage> make_verify_stage(const VerifyOptions& options, Sandbox& sandbox,
                                         LanguageModel* judge, const PromptSet& prompts);

}  // namespace caco
