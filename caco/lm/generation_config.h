// generation_config.json: the ids at which generation stops, and the sampling that a model's makers
// recommend. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/model_config.h"

namespace caco::lm {

// The fields have the names of the file. What is absent there is absent here.
struct GenerationConfig {
  std::vector<int64_t> eos_token_ids;  // `eos_token_id`: one id, a list, or absent
  int64_t bos_token_id = -1;           // -1: absent
  int64_t pad_token_id = -1;           // -1: absent
  std::optional<bool> do_sample;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<int64_t> top_k;
  std::optional<double> repetition_penalty;
  std::optional<int64_t> max_new_tokens;
};

// Returns the ids of `config` and no sampling.
GenerationConfig generation_config_of(const ModelConfig& config);

// Returns `base` for a model that was trained on from it: its recommendations, and the ids of
// `config`, which generation must stop at, before its own.
GenerationConfig inherited_generation_config(const GenerationConfig& base,
                                             const ModelConfig& config);

// Parses the text of the file; members that are not listed above are ignored. Errors: not a JSON
// object, a member of another type; the message names it.
Result<GenerationConfig> parse_generation_config(std::string_view json_text);

// Reads `directory`/generation_config.json; nothing when there is none.
Result<std::optional<GenerationConfig>> read_generation_config(const std::string& directory);

// Returns the text of the file, with a final newline.
std::string generation_config_to_json(const GenerationConfig& config);

}  // namespace caco::lm
