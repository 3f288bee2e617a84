#include "caco/lm/checkpoint.h"

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxIndexBytes = int64_t{1} << 26;
constexpr const char* kWeightsFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr const char* kOutputWeight = "lm_head.weight";
constexpr std::array<const char*, 6> kTokenizerFiles = {
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
    "merges.txt",     "chat_template.jinja"};

// Returns the files that hold the weights: the single one, or the shards of the index.
Result<std::vector<std::string>> weight_files(const fs::path& directory) {
  std::vector<std::string> files;
  if (fs::exists(directory / kWeightsFile)) {
    files.push_back((directory / kWeightsFile).string());
    return files;
  }
  if (!fs::exists(directory / kIndexFile)) {
    return Error{ErrorCode::NotFound,
                 "no model.safetensors and no index of shards: " + directory.string(), ""};
  }
  const std::string text = TRY(read_file(directory / kIndexFile, kMaxIndexBytes));
  const Json json = TRY(parse_json(text));
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (map == json.end() || !map->is_object()) {
    return Error{ErrorCode::InvalidArgument, "no weight_map: " + (directory / kIndexFile).string(),
                 ""};
  }
  std::map<std::string, int> seen;
  for (const auto& [name, file] : map->items()) {
    // A shard lies beside its index; a name with a folder in it could reach anywhere.
    if (!file.is_string() || file.get<std::string>().find('/') != std::string::npos) {
      return Error{ErrorCode::InvalidArgument, "bad shard name of weight: " + name, ""};
    }
    if (seen.emplace(file.get<std::string>(), 0).second) {
      files.push_back((directory / file.get<std::string>()).string());
    }
  }
  return files;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

const SafetensorsFile* find_file(const std::vector<SafetensorsFile>& files,
                                 const std::string& name) {
  for (const SafetensorsFile& file : files) {
    if (file.header().tensors.contains(name)) return &file;
  }
  return nullptr;
}

std::string default_model_card(const ModelConfig& config) {
  return "---\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n"
         "# A decoder-only language model\n\nLlama architecture, " +
         std::to_string(config.num_parameters()) + " parameters, trained with `caco-lm`.\n";
}

std::string generation_config_text(const ModelConfig& config) {
  Json json = Json::object();
  json["_from_model_config"] = true;
  if (config.bos_token_id >= 0) json["bos_token_id"] = config.bos_token_id;
  if (config.eos_token_ids.size() == 1) json["eos_token_id"] = config.eos_token_ids.front();
  if (config.eos_token_ids.size() > 1) json["eos_token_id"] = config.eos_token_ids;
  if (config.pad_token_id >= 0) json["pad_token_id"] = config.pad_token_id;
  return dump_json_pretty(json);
}

std::string torch_dtype_name(DType dtype) {
  if (dtype == DType::BF16) return "bfloat16";
  return dtype == DType::F16 ? "float16" : "float32";
}

Result<void> copy_tokenizer(const fs::path& from, const fs::path& to) {
  for (const char* name : kTokenizerFiles) {
    if (!fs::exists(from / name)) continue;
    const std::string bytes = TRY(read_file(from / name));
    TRY(write_file_atomic(to / name, bytes));
  }
  return {};
}

}  // namespace

std::vector<WeightShape> expected_weights(const ModelConfig& config) {
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  std::vector<WeightShape> shapes;
  shapes.push_back({"model.embed_tokens.weight", {config.vocab_size, hidden}});
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    shapes.push_back({prefix + "input_layernorm.weight", {hidden}});
    shapes.push_back({prefix + "self_attn.q_proj.weight", {config.query_size(), hidden}});
    shapes.push_back({prefix + "self_attn.k_proj.weight", {config.key_value_size(), hidden}});
    shapes.push_back({prefix + "self_attn.v_proj.weight", {config.key_value_size(), hidden}});
    shapes.push_back({prefix + "self_attn.o_proj.weight", {hidden, config.query_size()}});
    shapes.push_back({prefix + "post_attention_layernorm.weight", {hidden}});
    shapes.push_back({prefix + "mlp.gate_proj.weight", {inner, hidden}});
    shapes.push_back({prefix + "mlp.up_proj.weight", {inner, hidden}});
    shapes.push_back({prefix + "mlp.down_proj.weight", {hidden, inner}});
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
  std::vector<SafetensorsFile> files;
  for (const std::string& path : TRY(weight_files(directory))) {
    files.push_back(TRY(SafetensorsFile::open(path)));
  }
  if (find_file(files, kOutputWeight) == nullptr) checkpoint.config.tie_word_embeddings = true;
  for (const WeightShape& expected : expected_weights(checkpoint.config)) {
    const SafetensorsFile* file = find_file(files, expected.name);
    if (file == nullptr) {
      return Error{ErrorCode::InvalidArgument,
                   "the checkpoint has no weight " + expected.name + ": " + directory, ""};
    }
    const TensorEntry& entry = file->header().tensors.at(expected.name);
    if (entry.shape != expected.shape) {
      return Error{ErrorCode::InvalidArgument,
                   "weight " + expected.name + " should be " + shape_text(expected.shape) +
                       ", it is " + shape_text(entry.shape) + ": " + directory,
                   ""};
    }
    checkpoint.weights[expected.name] = Weight{entry.shape, TRY(file->read_float(expected.name))};
  }
  return checkpoint;
}

Result<void> save_checkpoint(const std::string& directory, const ModelConfig& config,
                             const Weights& weights, const SaveOptions& options) {
  const fs::path root(directory);
  ModelConfig written = config;
  written.torch_dtype = torch_dtype_name(options.dtype);
  std::vector<TensorView> tensors;
  for (const WeightShape& expected : expected_weights(config)) {
    const auto found = weights.find(expected.name);
    if (found == weights.end() || found->second.shape != expected.shape) {
      return Error{ErrorCode::Internal, "weight is missing or misshapen: " + expected.name, ""};
    }
    tensors.push_back({expected.name, expected.shape, found->second.values});
  }
  TRY(make_folders(root));
  if (!options.tokenizer_directory.empty() &&
      fs::absolute(options.tokenizer_directory) != fs::absolute(root)) {
    TRY(copy_tokenizer(options.tokenizer_directory, root));
  }
  TRY(write_file_atomic(root / "config.json", model_config_to_json(written)));
  TRY(write_file_atomic(root / "generation_config.json", generation_config_text(config)));
  TRY(write_file_atomic(root / "README.md", options.model_card.empty() ? default_model_card(config)
                                                                       : options.model_card));
  return write_safetensors((root / kWeightsFile).string(), tensors, options.dtype);
}

}  // namespace caco::lm
