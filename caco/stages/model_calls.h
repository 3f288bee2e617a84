// What all stages that ask a model have in common: where the seeds of their requests come from, how
// many requests they make at once, and what goes into a receipt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/options.h"
#include "caco/model/language_model.h"
#include "caco/record/sample.h"

namespace caco {

// Filled in by the plan, not by a stage's own options.
struct ModelCalls {
  int64_t seed = 0;                    // the recipe's seed
  int64_t batch_size = 64;             // samples in one call of the model; speed only
  int64_t num_concurrent_batches = 2;  // calls at once, so that the model never waits; speed only
};

// Returns the seed of a request, from the recipe's seed, the sample's id and the purpose ("solve",
// "solve again"): never from the time or the order of samples. At most 53 bits, because some
// servers read it as a double.
uint64_t request_seed(const ModelCalls& calls, std::string_view sample_id,
                      std::string_view purpose);

// Returns whether the reply was cut by its length limit.
bool is_truncated(const ModelChoice& choice);

// Returns the inputs of an execution as Python shows the dict: {'trays': 4, 'rolls': 6}.
std::string input_repr(const Execution& execution);

// Returns the output of an execution as `print(output)` shows it: text without its quotes.
std::string printed_output(const Execution& execution);

// Returns what a step's output depends on besides its input, as text: the name and version of the
// step's code, its options as far as they affect results, and `more` (prompts, the identity of the
// model, the recipe's seed).
std::string make_fingerprint(std::string_view name, int64_t version, const OptionFields& fields,
                             const std::vector<std::string>& more);

}  // namespace caco
