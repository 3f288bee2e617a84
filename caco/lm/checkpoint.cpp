#include "caco/lm/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/untrusted_json.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxIndexBytes = int64_t{1} << 26;
constexpr int64_t kMaxWeights = 32768;  // the largest of these models has a few thousand
constexpr const char* kOutputWeight = "lm_head.weight";
std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Error invalid_checkpoint(const std::string& message, const std::string& directory) {
  return Error{ErrorCode::InvalidArgument, message + ": " + directory, ""};
}

// The opened files of a checkpoint, and which of them holds each weight.
struct WeightFiles {
  std::vector<SafetensorsFile> files;
  std::map<std::string, size_t> places;
};

// Opens the shards that the index names. Each weight must be in the shard that it says, and the
// shards must hold nothing else.
Result<WeightFiles> open_shards(const fs::path& directory) {
  const std::string text = TRY(read_file(directory / kIndexFile, kMaxIndexBytes));
  const Json json = TRY(parse_untrusted_json(text, kMaxWeights));
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (map == json.end() || !map->is_object()) {
    return invalid_checkpoint("no weight_map", (directory / kIndexFile).string());
  }
  WeightFiles result;
  std::map<std::string, size_t> shards;
  for (const auto& [name, file] : map->items()) {
    // A shard lies beside its index; a name with a folder in it could reach anywhere.
    if (!file.is_string() || file.get<std::string>().find('/') != std::string::npos) {
      return invalid_checkpoint("bad shard name of weight " + name, directory.string());
    }
    const auto [shard, is_new] = shards.emplace(file.get<std::string>(), result.files.size());
    if (is_new) {
      result.files.push_back(TRY(SafetensorsFile::open((directory / shard->first).string())));
    }
    if (!result.files[shard->second].header().tensors.contains(name)) {
      return invalid_checkpoint("weight " + name + " is not in its shard " + shard->first,
                                directory.string());
    }
    result.places[name] = shard->second;
  }
  for (const auto& [shard, index] : shards) {
    for (const auto& [name, entry] : result.files[index].header().tensors) {
      const auto place = result.places.find(name);
      if (place == result.places.end() || place->second != index) {
        return invalid_checkpoint("the index does not know weight " + name + " of " + shard,
                                  directory.string());
      }
    }
  }
  return result;
}

Result<WeightFiles> open_weights(const fs::path& directory) {
  if (!fs::exists(directory / kWeightsFile)) {
    if (fs::exists(directory / kIndexFile)) return open_shards(directory);
    const bool has_pickle = fs::exists(directory / "pytorch_model.bin") ||
                            fs::exists(directory / "pytorch_model.bin.index.json");
    return Error{
        ErrorCode::NotFound, "no model.safetensors and no index of shards: " + directory.string(),
        has_pickle ? "its weights are a pickle, which is not read; save them as safetensors" : ""};
  }
  WeightFiles result;
  result.files.push_back(TRY(SafetensorsFile::open((directory / kWeightsFile).string())));
  for (const auto& [name, entry] : result.files[0].header().tensors)
    result.places[name] = 0;
  return result;
}

// Files of older versions hold buffers that are computed here, and tied ones their copy.
bool is_ignored(const std::string& name) {
  return name == kOutputWeight || name.ends_with("rotary_emb.inv_freq");
}

// The ids at which generation stops: those of generation_config.json, which wins everywhere in the
// field and so comes first, then what else config.json names.
Result<void> load_generation(const std::string& directory, Checkpoint& checkpoint) {
  checkpoint.generation = TRY(read_generation_config(directory));
  if (!checkpoint.generation || checkpoint.generation->eos_token_ids.empty()) return {};
  std::vector<int64_t> ids = checkpoint.generation->eos_token_ids;
  for (const int64_t id : checkpoint.config.eos_token_ids) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  checkpoint.config.eos_token_ids = std::move(ids);
  return check_model_config(checkpoint.config);
}

}  // namespace

std::vector<WeightShape> expected_weights(const ModelConfig& config) {
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const int64_t query = config.query_size();
  const int64_t key_value = config.key_value_size();
  std::vector<WeightShape> shapes;
  shapes.push_back({"model.embed_tokens.weight", {config.vocab_size, hidden}});
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    const auto add = [&](const char* name, std::vector<int64_t> shape) {
      shapes.push_back({prefix + name, std::move(shape)});
    };
    add("input_layernorm.weight", {hidden});
    add("self_attn.q_proj.weight", {query, hidden});
    add("self_attn.k_proj.weight", {key_value, hidden});
    add("self_attn.v_proj.weight", {key_value, hidden});
    if (config.has_query_key_value_bias()) {
      add("self_attn.q_proj.bias", {query});
      add("self_attn.k_proj.bias", {key_value});
      add("self_attn.v_proj.bias", {key_value});
    }
    if (config.has_query_key_norm()) {
      add("self_attn.q_norm.weight", {config.head_dim});
      add("self_attn.k_norm.weight", {config.head_dim});
    }
    add("self_attn.o_proj.weight", {hidden, query});
    if (config.has_attention_output_bias()) add("self_attn.o_proj.bias", {hidden});
    add("post_attention_layernorm.weight", {hidden});
    add("mlp.gate_proj.weight", {inner, hidden});
    add("mlp.up_proj.weight", {inner, hidden});
    if (config.mlp_bias) {
      add("mlp.gate_proj.bias", {inner});
      add("mlp.up_proj.bias", {inner});
    }
    add("mlp.down_proj.weight", {hidden, inner});
    if (config.mlp_bias) add("mlp.down_proj.bias", {hidden});
  }
  shapes.push_back({"model.norm.weight", {hidden}});
  if (!config.tie_word_embeddings) {
    shapes.push_back({kOutputWeight, {config.vocab_size, hidden}});
  }
  return shapes;
}

Result<Checkpoint> load_checkpoint(const std::string& directory) {
  Checkpoint checkpoint;
  checkpoint.config = TRY(read_model_config(directory));
  TRY(load_generation(directory, checkpoint));
  WeightFiles weights = TRY(open_weights(directory));
  if (!weights.places.contains(kOutputWeight)) checkpoint.config.tie_word_embeddings = true;
  for (const WeightShape& expected : expected_weights(checkpoint.config)) {
    const auto place = weights.places.find(expected.name);
    if (place == weights.places.end()) {
      return invalid_checkpoint("the checkpoint has no weight " + expected.name, directory);
    }
    const SafetensorsFile& file = weights.files[place->second];
    const TensorEntry& entry = file.header().tensors.at(expected.name);
    if (entry.shape != expected.shape) {
      return invalid_checkpoint("weight " + expected.name + " should be " +
                                    shape_text(expected.shape) + ", it is " +
                                    shape_text(entry.shape),
                                directory);
    }
    checkpoint.weights[expected.name] = Weight{entry.shape, TRY(file.read_float(expected.name))};
    weights.places.erase(place);
  }
  for (const auto& [name, file] : weights.places) {
    if (!is_ignored(name)) {
      return invalid_checkpoint("a model of this configuration has no weight " + name, directory);
    }
  }
  return checkpoint;
}

}  // namespace caco::lm
