// Reads config.json: field names of all ages, and a refusal of what would change the results but is
// not computed here.
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/model_config.h"
#include "caco/lm/token_ids_json.h"

namespace caco::lm {
namespace {

// A real file has a few kilobytes. Objects are searched from end to end, so that the time to read
// one grows with the square of its size.
constexpr int64_t kMaxConfigBytes = int64_t{1} << 18;

Result<ModelFamily> read_family(const Json& json) {
  const std::string model_type = TRY(read_string(json, "model_type"));
  std::string architecture;
  const auto list = json.find("architectures");
  if (list != json.end() && list->is_array() && !list->empty()) {
    if (!list->front().is_string())
      return unusable_config("architectures has an entry that is no string");
    architecture = list->front().get<std::string>();
  }
  if (architecture.empty() && model_type.empty()) {
    return unusable_config("it has neither architectures nor model_type");
  }
  for (const ModelFamily family : {ModelFamily::Llama, ModelFamily::Qwen2, ModelFamily::Qwen3}) {
    if (!architecture.empty() && architecture != family_architecture(family)) continue;
    if (!model_type.empty() && model_type != family_name(family)) continue;
    return family;
  }
  return unusable_config(
      "architecture is not LlamaForCausalLM, Qwen2ForCausalLM or Qwen3ForCausalLM: " +
      architecture + " (model_type " + model_type + ")");
}

// Windows in use would hide positions that are shown here.
Result<void> refuse_sliding_windows(const Json& json, ModelFamily family) {
  const auto types = json.find("layer_types");
  if (types != json.end() && types->is_array()) {
    for (const Json& type : *types) {
      if (type != "full_attention") {
        return unusable_config("layer_types: attention of this type is not supported: " +
                               dump_json(type));
      }
    }
  }
  if (family == ModelFamily::Llama || !TRY(read_bool(json, "use_sliding_window"))) return {};
  const auto window = json.find("sliding_window");
  if (window == json.end() || window->is_null()) return {};
  const int64_t first_layer = TRY(read_int(json, "max_window_layers", 28));
  if (first_layer >= TRY(read_int(json, "num_hidden_layers"))) return {};
  return unusable_config("use_sliding_window is true: sliding windows are not supported");
}

Result<void> refuse_what_is_not_computed(const Json& json, ModelFamily family) {
  TRY(refuse_sliding_windows(json, family));
  const std::string activation = TRY(read_string(json, "hidden_act", "silu"));
  if (activation != "silu") return unusable_config("hidden_act is not silu: " + activation);
  const auto quantization = json.find("quantization_config");
  if (quantization != json.end() && !quantization->is_null()) {
    return unusable_config("quantization_config: quantized weights are not supported");
  }
  if (TRY(read_double(json, "partial_rotary_factor", 1.0)) != 1.0) {
    return unusable_config("partial_rotary_factor other than 1 is not supported");
  }
  return {};
}

Result<RopeType> read_rope_type(const Json& settings) {
  const std::string old_name = TRY(read_string(settings, "type", "default"));
  const std::string name = TRY(read_string(settings, "rope_type", old_name));
  for (const RopeType type :
       {RopeType::Default, RopeType::Linear, RopeType::Llama3, RopeType::Yarn}) {
    if (name == rope_type_name(type)) return type;
  }
  return unusable_config("rope type is not supported: " + name);
}

// The members of `settings` that `type` uses. Zero stands for an absent number where a type has no
// default; the check of the whole refuses it.
Result<RopeScaling> read_rope_scaling(const Json& settings, RopeType type,
                                      int64_t max_position_embeddings) {
  RopeScaling scaling;
  scaling.type = type;
  if (type == RopeType::Default) return scaling;
  scaling.original_max_position_embeddings =
      TRY(read_int(settings, "original_max_position_embeddings",
                   type == RopeType::Yarn ? max_position_embeddings : 0));
  double factor = 0;
  if (type == RopeType::Yarn && scaling.original_max_position_embeddings > 0) {
    factor = static_cast<double>(max_position_embeddings) /
             static_cast<double>(scaling.original_max_position_embeddings);
  }
  scaling.factor = TRY(read_double(settings, "factor", factor));
  if (type == RopeType::Llama3) {
    scaling.low_freq_factor = TRY(read_double(settings, "low_freq_factor"));
    scaling.high_freq_factor = TRY(read_double(settings, "high_freq_factor"));
  }
  if (type == RopeType::Yarn) {
    scaling.beta_fast = TRY(read_double(settings, "beta_fast", scaling.beta_fast));
    scaling.beta_slow = TRY(read_double(settings, "beta_slow", scaling.beta_slow));
    scaling.attention_factor = TRY(read_double(settings, "attention_factor"));
    scaling.mscale = TRY(read_double(settings, "mscale"));
    scaling.mscale_all_dim = TRY(read_double(settings, "mscale_all_dim"));
    scaling.truncate = TRY(read_bool(settings, "truncate", true));
  }
  return scaling;
}

// Newer files keep the rotary settings in one object, `rope_parameters`; older ones have
// `rope_scaling` for what differs from the default, and `rope_theta` beside it.
Result<void> read_rope(const Json& json, ModelConfig& config) {
  config.rope_theta = TRY(read_double(json, "rope_theta", 10000.0));
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_object()) return unusable_config(std::string(key) + " is not an object");
    for (const auto& [member, value] : found->items()) {
      if (value.is_object())
        return unusable_config(std::string(key) + " differs by layers: " + member);
    }
    if (TRY(read_double(*found, "partial_rotary_factor", 1.0)) != 1.0) {
      return unusable_config("partial_rotary_factor other than 1 is not supported");
    }
    config.rope_theta = TRY(read_double(*found, "rope_theta", config.rope_theta));
    const RopeType type = TRY(read_rope_type(*found));
    config.rope_scaling = TRY(read_rope_scaling(*found, type, config.max_position_embeddings));
    return {};
  }
  return {};
}

}  // namespace

Result<ModelConfig> parse_model_config(std::string_view json_text) {
  const Json json = TRY(parse_json(json_text));
  if (!json.is_object()) return unusable_config("it is not a JSON object");
  ModelConfig config;
  config.family = TRY(read_family(json));
  TRY(refuse_what_is_not_computed(json, config.family));
  config.vocab_size = TRY(read_int(json, "vocab_size"));
  config.hidden_size = TRY(read_int(json, "hidden_size"));
  config.intermediate_size = TRY(read_int(json, "intermediate_size"));
  config.num_hidden_layers = TRY(read_int(json, "num_hidden_layers"));
  config.num_attention_heads = TRY(read_int(json, "num_attention_heads"));
  config.num_key_value_heads =
      TRY(read_int(json, "num_key_value_heads", config.num_attention_heads));
  int64_t head_dim =
      config.num_attention_heads > 0 ? config.hidden_size / config.num_attention_heads : 0;
  // The families' classes have defaults of their own for what a file leaves out.
  if (config.family == ModelFamily::Qwen3 && !json.contains("head_dim")) head_dim = 128;
  config.head_dim = TRY(read_int(json, "head_dim", head_dim));
  if (config.family != ModelFamily::Llama) config.max_position_embeddings = 32768;
  config.max_position_embeddings =
      TRY(read_int(json, "max_position_embeddings", config.max_position_embeddings));
  config.rms_norm_eps = TRY(read_double(json, "rms_norm_eps", config.rms_norm_eps));
  config.initializer_range = TRY(read_double(json, "initializer_range", config.initializer_range));
  TRY(read_rope(json, config));
  if (config.family != ModelFamily::Qwen2) {
    config.attention_bias = TRY(read_bool(json, "attention_bias"));
  }
  config.mlp_bias = TRY(read_bool(json, "mlp_bias"));
  config.tie_word_embeddings = TRY(read_bool(json, "tie_word_embeddings"));
  config.eos_token_ids = TRY(read_token_ids(json, "eos_token_id"));
  config.bos_token_id = TRY(read_first_token_id(json, "bos_token_id"));
  config.pad_token_id = TRY(read_first_token_id(json, "pad_token_id"));
  const std::string new_dtype = TRY(read_string(json, "dtype", config.torch_dtype));
  config.torch_dtype = TRY(read_string(json, "torch_dtype", new_dtype));
  TRY(check_model_config(config));
  return config;
}

Result<ModelConfig> read_model_config(const std::string& directory) {
  const std::filesystem::path path = std::filesystem::path(directory) / "config.json";
  const std::string text = TRY(read_file(path, kMaxConfigBytes));
  Result<ModelConfig> config = parse_model_config(text);
  if (config.ok()) return config;
  return Error{config.error().code, config.error().message + ": " + path.string(), ""};
}

}  // namespace caco::lm
