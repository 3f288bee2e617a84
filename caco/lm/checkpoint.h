// A model directory in the Hugging Face layout: config.json, generation_config.json,
// model.safetensors (or shards with an index), the tokenizer's files and a README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/generation_config.h"
#include "caco/lm/model_config.h"
#include "caco/lm/safetensors.h"

namespace caco::lm {

inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kIndexFile = "model.safetensors.index.json";

// One weight: C order, `values.size()` is the product of `shape`.
struct Weight {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// All weights by their Hugging Face names ("model.layers.0.self_attn.q_proj.weight" ...). Linear
// layers are [out, in], their biases [out]. A tied model has no "lm_head.weight".
using Weights = std::map<std::string, Weight>;

struct Checkpoint {
  ModelConfig config;
  Weights weights;
  // What generation_config.json says, where there is one; the ids at which it stops generation
  // stand in `config` too, before those of config.json, as that file wins in the field.
  std::optional<GenerationConfig> generation = std::nullopt;
};

// Returns every weight that a model of `config` has, with its shape, in the order of the layers.
struct WeightShape {
  std::string name;
  std::vector<int64_t> shape;
};
std::vector<WeightShape> expected_weights(const ModelConfig& config);

// Loads config and weights of `directory` as float. A shard index is followed when there is no
// single file. `lm_head.weight` of a tied model and stray rotary buffers are ignored; an untied
// model without `lm_head.weight` becomes tied. Errors: a missing weight, one that the model does
// not have, a wrong shape, a weight that is not in the shard that the index names, whatever the
// config and the files report; each names the weight.
Result<Checkpoint> load_checkpoint(const std::string& directory);

struct SaveOptions {
  DType dtype = DType::BF16;
  std::string tokenizer_directory;  // its tokenizer files are copied; empty: none
  std::string model_card;           // text of README.md; empty: a short default
  // Weights beyond this many bytes go to further files, with an index; a larger weight is alone in
  // its file.
  int64_t max_shard_bytes = 5'000'000'000;
  std::optional<GenerationConfig> generation = std::nullopt;  // nullopt: the ids of the config
};

// Copies the files of a tokenizer that are in `from`, each replaced atomically, then removes those
// of `to` that `from` does not have, such as the template of an earlier model. Does nothing when
// `from` is empty, the same directory by any name, or one without a tokenizer (tokenizer.json, or
// vocab.json with merges.txt). REQUIRES: `to` exists. Errors: files that cannot be read, written or
// removed; nothing is removed before all are written.
Result<void> copy_tokenizer(const std::string& from, const std::string& to);

// Writes the directory, created if absent; each file is replaced atomically, the weights last.
// Weight files that an earlier model left there and this one does not have are removed.
// `config.torch_dtype` is replaced by the name of `options.dtype`. Errors: files that cannot be
// written or copied.
Result<void> save_checkpoint(const std::string& directory, const ModelConfig& config,
                             const Weights& weights, const SaveOptions& options);

}  // namespace caco::lm
