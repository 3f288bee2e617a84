// What decoding needs of a model directory: tokenizer, weights, the ids that end a reply, and the
// sampling that the model's makers recommend.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/decode_backend.h"
#include "caco/lm/generation_config.h"
#include "caco/lm/sampler.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

// Where the sampling of a request that does not name it comes from.
enum class SamplingSource {
  Model,    // generation_config.json where it says something, as in vLLM; else as Neutral
  Neutral,  // the values of SamplingParams: temperature 1, everything else off
};

struct DecodeSetup {
  Tokenizer tokenizer;
  // The eos_token_ids of its configuration are those of generation_config.json, config.json and
  // tokenizer_config.json together: all of them end a reply.
  std::unique_ptr<DecodeBackend> model;
  SamplingParams sampling;  // of requests that say nothing
};

// Makes a checkpoint ready for decoding on some device.
using DecodeBackendFactory =
    std::function<Result<std::unique_ptr<DecodeBackend>>(const Checkpoint& checkpoint)>;

// Reads a model directory. An empty `make_backend` makes a DecodeModel. Errors: those of
// Tokenizer::load, load_checkpoint and what makes the model; InvalidArgument:
// generation_config.json recommends what is out of range.
Result<DecodeSetup> load_for_decoding(const std::string& directory, SamplingSource source,
                                      const DecodeBackendFactory& make_backend = {});

// Writes the temperature, top_p, top_k, min_p and repetition_penalty that `config` has over those
// of `sampling`. A top_k of -1 is 0. `do_sample` is not looked at, as in vLLM.
void apply_generation_config(const GenerationConfig& config, SamplingParams& sampling);

// Returns what differs from the values of SamplingParams, as "temperature 0.7, top_p 0.8"; empty
// when nothing does.
std::string describe_sampling(const SamplingParams& sampling);

}  // namespace caco::lm
