// A model directory in the Hugging Face layout: config.json, generation_config.json,
// model.safetensors (or shards with an index), the tokenizer's files and a README.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/model_config.h"
#include "caco/lm/safetensors.h"

namespace caco::lm {

// One weight: C order, `values.size()` is the product of `shape`.
struct Weight {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// All weights by their Hugging Face names ("model.layers.0.self_attn.q_proj.weight" ...). Linear
// layers are [out, in]. A tied model has no "lm_head.weight".
using Weights = std::map<std::string, Weight>;

struct Checkpoint {
  ModelConfig config;
  Weights weights;
};

// Returns every weight that a model of `config` has, with its shape, in the order of the layers.
struct WeightShape {
  std::string name;
  std::vector<int64_t> shape;
};
std::vector<WeightShape> expected_weights(const ModelConfig& config);

// Loads config and weights of `directory` as float. A shard index is followed when there is no
// single file. `lm_head.weight` of a tied model and stray rotary buffers are ignored; an untied
// model without `lm_head.weight` becomes tied. Errors: a missing weight, a wrong shape, whatever
// the config and the files report.
Result<Checkpoint> load_checkpoint(const std::string& directory);

struct SaveOptions {
  DType dtype = DType::BF16;
  std::string tokenizer_directory;  // its tokenizer files are copied; empty: none
  std::string model_card;           // text of README.md; empty: a short default
};

// Writes the directory, created if absent; each file is replaced atomically, the weights last.
// `config.torch_dtype` is replaced by the name of `options.dtype`. Errors: files that cannot be
// written or copied.
Result<void> save_checkpoint(const std::string& directory, const ModelConfig& config,
                             const Weights& weights, const SaveOptions& options);

}  // namespace caco::lm
