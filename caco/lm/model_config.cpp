#include "caco/lm/model_config.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 20;
constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxConfigBytes = int64_t{1} << 20;

Error invalid(const std::string& message) {
  return Error{ErrorCode::InvalidArgument, "cannot use this model configuration: " + message, ""};
}

Result<std::vector<int64_t>> read_ids(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  std::vector<int64_t> ids;
  if (found == json.end() || found->is_null()) return ids;
  if (found->is_number_integer()) {
    ids.push_back(found->get<int64_t>());
    return ids;
  }
  if (!found->is_array()) return invalid(key + " is neither an integer nor a list");
  for (const Json& id : *found) {
    if (!id.is_number_integer()) return invalid(key + " has an entry that is no integer");
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

Result<int64_t> read_first_id(const Json& json, const std::string& key) {
  const std::vector<int64_t> ids = TRY(read_ids(json, key));
  return ids.empty() ? -1 : ids.front();
}

// Newer files keep the rotary settings in one object, `rope_parameters`; older ones beside it.
Result<double> read_rope_theta(const Json& json) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_object()) return invalid(std::string(key) + " is not an object");
    const std::string old_type = TRY(read_string(*found, "type", "default"));
    const std::string type = TRY(read_string(*found, "rope_type", old_type));
    if (type != "default") return invalid("rope type is not supported: " + type);
    if (found->contains("rope_theta")) return read_double(*found, "rope_theta");
  }
  return read_double(json, "rope_theta", 10000.0);
}

Result<void> check_architecture(const Json& json) {
  const auto architectures = json.find("architectures");
  if (architectures != json.end() && architectures->is_array() && !architectures->empty()) {
    if (architectures->front() != "LlamaForCausalLM") {
      return invalid("architecture is not LlamaForCausalLM: " + dump_json(architectures->front()));
    }
  } else if (TRY(read_string(json, "model_type")) != "llama") {
    return invalid("neither architectures nor model_type says llama");
  }
  if (TRY(read_bool(json, "attention_bias")) || TRY(read_bool(json, "mlp_bias"))) {
    return invalid("biases are not supported");
  }
  const std::string activation = TRY(read_string(json, "hidden_act", "silu"));
  if (activation != "silu") return invalid("hidden_act is not silu: " + activation);
  return {};
}

}  // namespace

int64_t ModelConfig::num_parameters() const {
  const int64_t attention = hidden_size * (2 * query_size() + 2 * key_value_size());
  const int64_t layer = attention + 3 * hidden_size * intermediate_size + 2 * hidden_size;
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
      return invalid(std::string(row.name) + " must be 1 to " + std::to_string(row.most) +
                     ", it is " + std::to_string(row.value));
    }
  }
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    return invalid("num_attention_heads is no multiple of num_key_value_heads: " +
                   std::to_string(config.num_attention_heads) + ", " +
                   std::to_string(config.num_key_value_heads));
  }
  if (config.head_dim % 2 != 0) {
    return invalid("head_dim must be even: " + std::to_string(config.head_dim));
  }
  if (!(config.rms_norm_eps >= 0 && config.rms_norm_eps < 1)) return invalid("rms_norm_eps");
  if (!(config.rope_theta > 0) || !std::isfinite(config.rope_theta)) return invalid("rope_theta");
  for (const int64_t id : config.eos_token_ids) {
    if (id < 0 || id >= config.vocab_size) {
      return invalid("eos_token_id is outside of the vocabulary: " + std::to_string(id));
    }
  }
  return {};
}

Result<ModelConfig> parse_model_config(std::string_view json_text) {
  const Json json = TRY(parse_json(json_text));
  if (!json.is_object()) return invalid("it is not a JSON object");
  TRY(check_architecture(json));
  ModelConfig config;
  config.vocab_size = TRY(read_int(json, "vocab_size"));
  config.hidden_size = TRY(read_int(json, "hidden_size"));
  config.intermediate_size = TRY(read_int(json, "intermediate_size"));
  config.num_hidden_layers = TRY(read_int(json, "num_hidden_layers"));
  config.num_attention_heads = TRY(read_int(json, "num_attention_heads"));
  config.num_key_value_heads =
      TRY(read_int(json, "num_key_value_heads", config.num_attention_heads));
  const int64_t default_head_dim =
      config.num_attention_heads > 0 ? config.hidden_size / config.num_attention_heads : 0;
  config.head_dim = TRY(read_int(json, "head_dim", default_head_dim));
  config.max_position_embeddings =
      TRY(read_int(json, "max_position_embeddings", config.max_position_embeddings));
  config.rms_norm_eps = TRY(read_double(json, "rms_norm_eps", config.rms_norm_eps));
  config.initializer_range = TRY(read_double(json, "initializer_range", config.initializer_range));
  config.rope_theta = TRY(read_rope_theta(json));
  config.tie_word_embeddings = TRY(read_bool(json, "tie_word_embeddings"));
  config.eos_token_ids = TRY(read_ids(json, "eos_token_id"));
  config.bos_token_id = TRY(read_first_id(json, "bos_token_id"));
  config.pad_token_id = TRY(read_first_id(json, "pad_token_id"));
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

std::string model_config_to_json(const ModelConfig& config) {
  Json json = Json::object();
  json["architectures"] = std::vector<std::string>{"LlamaForCausalLM"};
  json["model_type"] = "llama";
  json["attention_bias"] = false;
  json["attention_dropout"] = 0.0;
  json["bos_token_id"] = config.bos_token_id >= 0 ? Json(config.bos_token_id) : Json();
  if (config.eos_token_ids.size() == 1) {
    json["eos_token_id"] = config.eos_token_ids.front();
  } else {
    json["eos_token_id"] = config.eos_token_ids.empty() ? Json() : Json(config.eos_token_ids);
  }
  json["pad_token_id"] = config.pad_token_id >= 0 ? Json(config.pad_token_id) : Json();
  json["head_dim"] = config.head_dim;
  json["hidden_act"] = "silu";
  json["hidden_size"] = config.hidden_size;
  json["initializer_range"] = config.initializer_range;
  json["intermediate_size"] = config.intermediate_size;
  json["max_position_embeddings"] = config.max_position_embeddings;
  json["mlp_bias"] = false;
  json["num_attention_heads"] = config.num_attention_heads;
  json["num_hidden_layers"] = config.num_hidden_layers;
  json["num_key_value_heads"] = config.num_key_value_heads;
  json["rms_norm_eps"] = config.rms_norm_eps;
  json["rope_scaling"] = Json();
  json["rope_theta"] = config.rope_theta;
  json["tie_word_embeddings"] = config.tie_word_embeddings;
  json["torch_dtype"] = config.torch_dtype;
  json["use_cache"] = true;
  json["vocab_size"] = config.vocab_size;
  return dump_json_pretty(json);
}

}  // namespace caco::lm
