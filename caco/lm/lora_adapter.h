// Low-rank adapters in PEFT's layout: adapter_config.json and adapter_model.safetensors.
//
// A weight W [out, in] becomes W + scale * B A with A [rank, in], B [out, rank] and scale = alpha /
// rank, or alpha / sqrt(rank) with rank-stabilised scaling (LoRA: arXiv 2106.09685, section 4.1;
// rsLoRA: arXiv 2312.03732). Only this form is known: an adapter that needs more (DoRA, trained
// biases, replaced modules, initialisations that change the base) is refused by the option's name,
// never read in part. Plain data; the functions may be called from several threads.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/checkpoint.h"

namespace caco::lm {

// Returns the error of an adapter that cannot be used.
Error refused_adapter(const std::string& message);

// The two factors of one weight's change, in C order.
struct LoraPair {
  int64_t rank = 0;
  int64_t inputs = 0;
  int64_t outputs = 0;
  std::vector<float> a;  // [rank, inputs]
  std::vector<float> b;  // [outputs, rank]
};

// The fields of adapter_config.json that mean something here, by PEFT's names.
struct LoraConfig {
  int64_t r = 8;
  double lora_alpha = 8;
  double lora_dropout = 0;  // of the training that made it; merging does not use it
  bool use_rslora = false;
  std::vector<std::string> target_modules;      // "q_proj" ...; written sorted
  std::string target_expression;                // `target_modules` when it is one string
  std::map<std::string, int64_t> rank_pattern;  // module name endings with a rank of their own
  std::map<std::string, double> alpha_pattern;
  std::string base_model_name_or_path;
};

struct LoraAdapter {
  LoraConfig config;
  // By the name of the weight that it changes: "model.layers.0.self_attn.q_proj.weight".
  std::map<std::string, LoraPair> pairs;

  // Returns the factor of B A for that weight. REQUIRES: pairs has `weight_name`.
  double scale(const std::string& weight_name) const;
};

// alpha / rank, or alpha / sqrt(rank).
double lora_scale(double alpha, int64_t rank, bool use_rslora);

// Reads a PEFT folder. Errors: a file that cannot be read, an option that is not supported, a
// tensor of an unknown kind, an A without its B, shapes that do not fit each other or the rank;
// each names the option or the tensor.
Result<LoraAdapter> read_lora_adapter(const std::string& directory);

// Returns the text of adapter_config.json of `adapter`, as PEFT reads it, with a final newline.
std::string lora_config_to_json(const LoraConfig& config);

// Parses the text of an adapter_config.json. Errors: as read_lora_adapter.
Result<LoraConfig> parse_lora_config(std::string_view json_text);

// Writes a folder that PEFT and vLLM load; each file is replaced atomically, the weights last.
// Errors: an adapter without pairs, factors whose sizes do not fit, files that cannot be written.
Result<void> write_lora_adapter(const std::string& directory, const LoraAdapter& adapter,
                                DType dtype = DType::F32);

// Returns W + scale * B A for W [outputs, inputs]; sums in float, in the order of the ranks.
// REQUIRES: sizes that fit.
std::vector<float> merged(std::span<const float> weight, const LoraPair& pair, double scale);

// The same in place.
void merge_into(std::span<float> weight, const LoraPair& pair, double scale);

// Adds every pair to its weight. Errors: a weight that `weights` lacks or whose shape is not
// [outputs, inputs]; nothing is changed then.
Result<void> merge_adapter(Weights& weights, const LoraAdapter& adapter);

}  // namespace caco::lm
