#include "caco/lm/generation_config.h"

#include <algorithm>
#include <filesystem>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/token_ids_json.h"
#include "caco/lm/untrusted_json.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 20;
constexpr int64_t kMaxMembers = 4096;

bool is_present(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && !found->is_null();
}

Result<void> read_number(const Json& json, const char* key, std::optional<double>& value) {
  if (is_present(json, key)) value = TRY(read_double(json, key));
  return {};
}

Result<void> read_count(const Json& json, const char* key, std::optional<int64_t>& value) {
  if (is_present(json, key)) value = TRY(read_int(json, key));
  return {};
}

}  // namespace

GenerationConfig generation_config_of(const ModelConfig& config) {
  GenerationConfig generation;
  generation.eos_token_ids = config.eos_token_ids;
  generation.bos_token_id = config.bos_token_id;
  generation.pad_token_id = config.pad_token_id;
  return generation;
}

GenerationConfig inherited_generation_config(const GenerationConfig& base,
                                             const ModelConfig& config) {
  GenerationConfig generation = base;
  generation.eos_token_ids = config.eos_token_ids;
  for (const int64_t id : base.eos_token_ids) {
    std::vector<int64_t>& ids = generation.eos_token_ids;
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (generation.bos_token_id < 0) generation.bos_token_id = config.bos_token_id;
  if (generation.pad_token_id < 0) generation.pad_token_id = config.pad_token_id;
  return generation;
}

Result<GenerationConfig> parse_generation_config(std::string_view json_text) {
  const Json json = TRY(parse_untrusted_json(json_text, kMaxMembers));
  if (!json.is_object()) {
    return Error{ErrorCode::InvalidArgument, "generation_config.json is not a JSON object", ""};
  }
  GenerationConfig config;
  config.eos_token_ids = TRY(read_token_ids(json, "eos_token_id"));
  config.bos_token_id = TRY(read_first_token_id(json, "bos_token_id"));
  config.pad_token_id = TRY(read_first_token_id(json, "pad_token_id"));
  if (is_present(json, "do_sample")) config.do_sample = TRY(read_bool(json, "do_sample"));
  TRY(read_number(json, "temperature", config.temperature));
  TRY(read_number(json, "top_p", config.top_p));
  TRY(read_number(json, "min_p", config.min_p));
  TRY(read_count(json, "top_k", config.top_k));
  TRY(read_number(json, "repetition_penalty", config.repetition_penalty));
  TRY(read_count(json, "max_new_tokens", config.max_new_tokens));
  return config;
}

Result<std::optional<GenerationConfig>> read_generation_config(const std::string& directory) {
  const std::filesystem::path path = std::filesystem::path(directory) / "generation_config.json";
  std::optional<GenerationConfig> config;
  if (!std::filesystem::exists(path)) return config;
  const std::string text = TRY(read_file(path, kMaxBytes));
  Result<GenerationConfig> parsed = parse_generation_config(text);
  if (!parsed.ok()) {
    return Error{parsed.error().code, parsed.error().message + ": " + path.string(), ""};
  }
  config = std::move(parsed).value();
  return config;
}

std::string generation_config_to_json(const GenerationConfig& config) {
  Json json = Json::object();
  // As the field marks a file that says nothing beyond config.json.
  const bool has_sampling = config.do_sample || config.temperature || config.top_p ||
                            config.min_p || config.top_k || config.repetition_penalty ||
                            config.max_new_tokens;
  if (!has_sampling) json["_from_model_config"] = true;
  if (config.bos_token_id >= 0) json["bos_token_id"] = config.bos_token_id;
  if (config.do_sample) json["do_sample"] = *config.do_sample;
  if (!config.eos_token_ids.empty()) {
    json["eos_token_id"] = token_ids_to_json(config.eos_token_ids);
  }
  if (config.max_new_tokens) json["max_new_tokens"] = *config.max_new_tokens;
  if (config.min_p) json["min_p"] = *config.min_p;
  if (config.pad_token_id >= 0) json["pad_token_id"] = config.pad_token_id;
  if (config.repetition_penalty) json["repetition_penalty"] = *config.repetition_penalty;
  if (config.temperature) json["temperature"] = *config.temperature;
  if (config.top_k) json["top_k"] = *config.top_k;
  if (config.top_p) json["top_p"] = *config.top_p;
  return dump_json_pretty(json);
}

}  // namespace caco::lm
