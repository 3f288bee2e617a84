#include "caco/lm/model_config.h"

#include <array>
#include <cmath>

#include "caco/base/json.h"
#include "caco/lm/token_ids_json.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 20;
constexpr int64_t kMaxLayers = 1024;

struct FamilyRow {
  std::string_view name;
  std::string_view architecture;
};
constexpr std::array<FamilyRow, 3> kFamilies = {
    {{"llama", "LlamaForCausalLM"}, {"qwen2", "Qwen2ForCausalLM"}, {"qwen3", "Qwen3ForCausalLM"}}};

}  // namespace

Error unusable_config(const std::string& message) {
  return Error{ErrorCode::InvalidArgument, "cannot use this model configuration: " + message, ""};
}

std::string_view family_name(ModelFamily family) {
  return kFamilies[static_cast<size_t>(family)].name;
}

std::string_view family_architecture(ModelFamily family) {
  return kFamilies[static_cast<size_t>(family)].architecture;
}

int64_t ModelConfig::num_parameters() const {
  int64_t layer = hidden_size * (2 * query_size() + 2 * key_value_size());
  layer += 3 * hidden_size * intermediate_size + 2 * hidden_size;
  if (has_query_key_value_bias()) layer += query_size() + 2 * key_value_size();
  if (has_attention_output_bias()) layer += hidden_size;
  if (has_query_key_norm()) layer += 2 * head_dim;
  if (mlp_bias) layer += 2 * intermediate_size + hidden_size;
  const int64_t embeddings = vocab_size * hidden_size * (tie_word_embeddings ? 1 : 2);
  return num_hidden_layers * layer + embeddings + hidden_size;
}

Result<void> check_model_config(const ModelConfig& config) {
  struct Row {
    const char* name;
    int64_t value;
    int64_t most;
  };
  const std::array<Row, 8> rows = {
      {{"vocab_size", config.vocab_size, kMaxSize},
       {"hidden_size", config.hidden_size, kMaxSize},
       {"intermediate_size", config.intermediate_size, kMaxSize},
       {"num_hidden_layers", config.num_hidden_layers, kMaxLayers},
       {"num_attention_heads", config.num_attention_heads, kMaxLayers},
       {"num_key_value_heads", config.num_key_value_heads, kMaxLayers},
       {"head_dim", config.head_dim, kMaxLayers},
       {"max_position_embeddings", config.max_position_embeddings, int64_t{1} << 24}}};
  for (const Row& row : rows) {
    if (row.value < 1 || row.value > row.most) {
      return unusable_config(std::string(row.name) + " must be 1 to " + std::to_string(row.most) +
                             ", it is " + std::to_string(row.value));
    }
  }
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    return unusable_config("num_attention_heads is no multiple of num_key_value_heads: " +
                           std::to_string(config.num_attention_heads) + ", " +
                           std::to_string(config.num_key_value_heads));
  }
  if (config.head_dim % 2 != 0) {
    return unusable_config("head_dim must be even: " + std::to_string(config.head_dim));
  }
  if (!(config.rms_norm_eps >= 0 && config.rms_norm_eps < 1))
    return unusable_config("rms_norm_eps");
  if (!(config.rope_theta > 0) || !std::isfinite(config.rope_theta))
    return unusable_config("rope_theta");
  if (config.rope_scaling.type == RopeType::Yarn && config.rope_theta <= 1) {
    return unusable_config("rope_theta must be above 1 for yarn");
  }
  const Result<void> scaling = check_rope_scaling(config.rope_scaling);
  if (!scaling.ok()) return unusable_config(scaling.error().message);
  if (config.mlp_bias && config.family != ModelFamily::Llama) {
    return unusable_config("mlp_bias is not supported for " +
                           std::string(family_name(config.family)));
  }
  for (const int64_t id : config.eos_token_ids) {
    if (id < 0 || id >= config.vocab_size) {
      return unusable_config("eos_token_id is outside of the vocabulary: " + std::to_string(id));
    }
  }
  return {};
}

namespace {

// The old spelling, as an object beside rope_theta; null where nothing is scaled.
Json rope_scaling_json(const RopeScaling& scaling) {
  if (scaling.type == RopeType::Default) return Json();
  Json json = Json::object();
  json["rope_type"] = std::string(rope_type_name(scaling.type));
  json["factor"] = scaling.factor;
  if (scaling.type == RopeType::Linear) return json;
  json["original_max_position_embeddings"] = scaling.original_max_position_embeddings;
  if (scaling.type == RopeType::Llama3) {
    json["low_freq_factor"] = scaling.low_freq_factor;
    json["high_freq_factor"] = scaling.high_freq_factor;
    return json;
  }
  json["beta_fast"] = scaling.beta_fast;
  json["beta_slow"] = scaling.beta_slow;
  if (scaling.attention_factor != 0) json["attention_factor"] = scaling.attention_factor;
  if (scaling.mscale != 0) json["mscale"] = scaling.mscale;
  if (scaling.mscale_all_dim != 0) json["mscale_all_dim"] = scaling.mscale_all_dim;
  if (!scaling.truncate) json["truncate"] = false;
  return json;
}

}  // namespace

std::string model_config_to_json(const ModelConfig& config) {
  Json json = Json::object();
  json["architectures"] = std::vector<std::string>{std::string(family_architecture(config.family))};
  json["model_type"] = std::string(family_name(config.family));
  if (config.family != ModelFamily::Qwen2) json["attention_bias"] = config.attention_bias;
  json["attention_dropout"] = 0.0;
  json["bos_token_id"] = config.bos_token_id >= 0 ? Json(config.bos_token_id) : Json();
  json["eos_token_id"] = token_ids_to_json(config.eos_token_ids);
  json["pad_token_id"] = config.pad_token_id >= 0 ? Json(config.pad_token_id) : Json();
  json["head_dim"] = config.head_dim;
  json["hidden_act"] = "silu";
  json["hidden_size"] = config.hidden_size;
  json["initializer_range"] = config.initializer_range;
  json["intermediate_size"] = config.intermediate_size;
  json["max_position_embeddings"] = config.max_position_embeddings;
  if (config.family == ModelFamily::Llama) {
    json["mlp_bias"] = config.mlp_bias;
  } else {
    json["max_window_layers"] = config.num_hidden_layers;
  }
  json["num_attention_heads"] = config.num_attention_heads;
  json["num_hidden_layers"] = config.num_hidden_layers;
  json["num_key_value_heads"] = config.num_key_value_heads;
  json["rms_norm_eps"] = config.rms_norm_eps;
  json["rope_scaling"] = rope_scaling_json(config.rope_scaling);
  json["rope_theta"] = config.rope_theta;
  if (config.family != ModelFamily::Llama) json["sliding_window"] = Json();
  json["tie_word_embeddings"] = config.tie_word_embeddings;
  json["torch_dtype"] = config.torch_dtype;
  json["use_cache"] = true;
  if (config.family != ModelFamily::Llama) json["use_sliding_window"] = false;
  json["vocab_size"] = config.vocab_size;
  return dump_json_pretty(json);
}

}  // namespace caco::lm
