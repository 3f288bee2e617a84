// Training records as JSON Lines, tokenized.
//
// A record is one of
//   {"text": "..."}                                      every token is learned
//   {"prompt": "...", "completion": "..."}               the completion and its end are learned
//   {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", ...}, ...]}
//                                                        every assistant's turn is learned
// An assistant's message with "weight": 0 is not learned (the field of OpenAI's fine-tuning data).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/training_data.h"
#include "caco/lm/turn_template.h"

namespace caco::lm {

struct RecordOptions {
  TrainingDataOptions lengths;
  // Around prompt and completion (a user's and an assistant's turn) and around messages. Absent:
  // prompt and completion stand as they are, and messages are ChatML.
  std::optional<TurnTemplate> turn_template;
  int32_t eos_id = -1;  // of the model; ends completions where nothing else does. -1: none
};

// Reads JSON Lines files (plain or gzip). Special tokens are parsed in `text`, in a `prompt` that
// no template surrounds, and in templates; never in completions and messages. Prompt and
// completion are tokenized apart, so that the loss begins exactly at the completion. A completion
// without a template ends in `<|im_end|>` where the tokenizer has it, else in `eos_id`. Blank
// lines are skipped. Errors name file and line and say what to do: unreadable file, bad JSON,
// missing or mistyped fields, an unknown role, nothing that could end a completion; and a set
// without a single token to learn from.
Result<TrainingSet> read_training_set(const std::vector<std::string>& paths,
                                      const Tokenizer& tokenizer, const RecordOptions& options);

}  // namespace caco::lm
