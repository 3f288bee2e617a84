// adapter_config.json: which options are understood, which change nothing, and which are
// refused_adapter.
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "caco/base/json.h"
#include "caco/lm/lora_adapter.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxRank = int64_t{1} << 16;

// Options that say how an adapter was trained or found, and nothing about what it computes.
constexpr std::array<std::string_view, 16> kHarmlessOptions = {
    "auto_mapping",        "base_model_class",
    "eva_config",          "exclude_modules",
    "inference_mode",      "layers_pattern",
    "layers_to_transform", "lora_dropout",
    "megatron_core",       "modules_to_not_convert",
    "parent_library",      "peft_version",
    "qalora_group_size",   "revision",
    "runtime_config",      "task_type"};

constexpr std::array<std::string_view, 11> kKnownOptions = {"peft_type",
                                                            "r",
                                                            "lora_alpha",
                                                            "use_rslora",
                                                            "target_modules",
                                                            "rank_pattern",
                                                            "alpha_pattern",
                                                            "base_model_name_or_path",
                                                            "bias",
                                                            "fan_in_fan_out",
                                                            "init_lora_weights"};

// Initialisations that leave the base model's weights as they are.
constexpr std::array<std::string_view, 3> kHarmlessInitialisations = {"gaussian", "eva",
                                                                      "orthogonal"};

template <size_t kSize>
bool is_among(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// An option that is off changes nothing, whatever it would mean when on.
bool is_off(const Json& value) {
  if (value.is_null() || value == Json(false)) return true;
  return (value.is_object() || value.is_array() || value.is_string()) &&
         (value.empty() || value == Json(""));
}

Result<void> check_options(const Json& json) {
  for (const auto& [key, value] : json.items()) {
    if (is_among(kKnownOptions, key) || is_among(kHarmlessOptions, key) || is_off(value)) continue;
    return refused_adapter("option is not supported: " + key + " = " + dump_json(value));
  }
  const std::string type = TRY(read_string(json, "peft_type"));
  if (type != "LORA") return refused_adapter("peft_type is not LORA: " + type);
  const std::string bias = TRY(read_string(json, "bias", "none"));
  if (bias != "none") return refused_adapter("trained biases are not supported: bias = " + bias);
  if (TRY(read_bool(json, "fan_in_fan_out"))) {
    return refused_adapter("option is not supported: fan_in_fan_out = true");
  }
  const auto initialisation = json.find("init_lora_weights");
  if (initialisation != json.end() && initialisation->is_string() &&
      !is_among(kHarmlessInitialisations, initialisation->get<std::string>())) {
    return refused_adapter("its initialisation changes the base model: init_lora_weights = " +
                           initialisation->get<std::string>());
  }
  return {};
}

Result<void> read_targets(const Json& json, LoraConfig& config) {
  const auto targets = json.find("target_modules");
  if (targets == json.end() || targets->is_null()) return {};
  if (targets->is_string()) {
    config.target_expression = targets->get<std::string>();
    return {};
  }
  if (!targets->is_array()) return refused_adapter("target_modules is neither a list nor a string");
  for (const Json& target : *targets) {
    if (!target.is_string())
      return refused_adapter("target_modules has an entry that is no string");
    config.target_modules.push_back(target.get<std::string>());
  }
  std::sort(config.target_modules.begin(), config.target_modules.end());
  return {};
}

// Returns the members of a pattern object. PEFT matches the keys as regular expressions at the end
// of a module's name; only names are understood here, where both readings are one.
Result<std::vector<std::pair<std::string, Json>>> read_pattern(const Json& json,
                                                               const std::string& key) {
  std::vector<std::pair<std::string, Json>> members;
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return members;
  if (!found->is_object()) return refused_adapter(key + " is not an object");
  for (const auto& [name, value] : found->items()) {
    const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.';
    });
    if (!is_name || name.empty()) {
      return refused_adapter("a key of " + key + " is a regular expression: " + name);
    }
    members.emplace_back(name, value);
  }
  return members;
}

Result<void> read_patterns(const Json& json, LoraConfig& config) {
  for (const auto& [name, value] : TRY(read_pattern(json, "rank_pattern"))) {
    if (!value.is_number_integer())
      return refused_adapter("rank_pattern of " + name + " is no integer");
    const int64_t rank = value.get<int64_t>();
    if (rank < 1 || rank > kMaxRank) {
      return refused_adapter("rank_pattern of " + name + ": " + std::to_string(rank));
    }
    config.rank_pattern[name] = rank;
  }
  for (const auto& [name, value] : TRY(read_pattern(json, "alpha_pattern"))) {
    if (!value.is_number()) return refused_adapter("alpha_pattern of " + name + " is no number");
    config.alpha_pattern[name] = value.get<double>();
  }
  return {};
}

}  // namespace

Error refused_adapter(const std::string& message) {
  return Error{ErrorCode::InvalidArgument, "cannot use this adapter: " + message, ""};
}

double lora_scale(double alpha, int64_t rank, bool use_rslora) {
  const double size = static_cast<double>(rank);
  return alpha / (use_rslora ? std::sqrt(size) : size);
}

Result<LoraConfig> parse_lora_config(std::string_view json_text) {
  const Json json = TRY(parse_json(json_text));
  if (!json.is_object()) return refused_adapter("its configuration is not a JSON object");
  TRY(check_options(json));
  LoraConfig config;
  config.r = TRY(read_int(json, "r", config.r));
  if (config.r < 1 || config.r > kMaxRank) return refused_adapter("r: " + std::to_string(config.r));
  config.lora_alpha = TRY(read_double(json, "lora_alpha", config.lora_alpha));
  if (!std::isfinite(config.lora_alpha)) return refused_adapter("lora_alpha is not finite");
  config.lora_dropout = TRY(read_double(json, "lora_dropout"));
  config.use_rslora = TRY(read_bool(json, "use_rslora"));
  config.base_model_name_or_path = TRY(read_string(json, "base_model_name_or_path"));
  TRY(read_targets(json, config));
  TRY(read_patterns(json, config));
  return config;
}

std::string lora_config_to_json(const LoraConfig& config) {
  Json json = Json::object();
  json["alpha_pattern"] = Json::object();
  for (const auto& [name, alpha] : config.alpha_pattern)
    json["alpha_pattern"][name] = alpha;
  json["auto_mapping"] = Json();
  json["base_model_name_or_path"] =
      config.base_model_name_or_path.empty() ? Json() : Json(config.base_model_name_or_path);
  json["bias"] = "none";
  json["fan_in_fan_out"] = false;
  json["inference_mode"] = true;
  json["init_lora_weights"] = true;
  json["lora_alpha"] = config.lora_alpha;
  // PEFT takes any number, but its own files hold an integer where alpha is one.
  if (config.lora_alpha == std::floor(config.lora_alpha) && std::fabs(config.lora_alpha) < 1e15) {
    json["lora_alpha"] = static_cast<int64_t>(config.lora_alpha);
  }
  json["lora_dropout"] = config.lora_dropout;
  json["modules_to_save"] = Json();
  json["peft_type"] = "LORA";
  json["r"] = config.r;
  json["rank_pattern"] = Json::object();
  for (const auto& [name, rank] : config.rank_pattern)
    json["rank_pattern"][name] = rank;
  json["target_modules"] = Json(config.target_expression);
  if (config.target_expression.empty()) {
    std::vector<std::string> targets = config.target_modules;
    std::sort(targets.begin(), targets.end());
    json["target_modules"] = targets;
  }
  json["task_type"] = "CAUSAL_LM";
  json["use_dora"] = false;
  json["use_rslora"] = config.use_rslora;
  return dump_json_pretty(json);
}

}  // namespace caco::lm
