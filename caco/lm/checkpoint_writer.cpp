// Writes a model directory; see checkpoint.h.
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/checkpoint.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kTokenizerFiles = {"tokenizer.json",
                                                        "tokenizer_config.json",
                                                        "special_tokens_map.json",
                                                        "added_tokens.json",
                                                        "vocab.json",
                                                        "merges.txt",
                                                        "chat_template.jinja"};

std::string default_model_card(const ModelConfig& config) {
  std::string_view title = family_architecture(config.family);
  title.remove_suffix(std::string_view("ForCausalLM").size());
  return "---\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n"
         "# A decoder-only language model\n\n" +
         std::string(title) + " architecture, " + std::to_string(config.num_parameters()) +
         " parameters, trained with `caco-lm`.\n";
}

std::string torch_dtype_name(DType dtype) {
  if (dtype == DType::BF16) return "bfloat16";
  return dtype == DType::F16 ? "float16" : "float32";
}

// "model-00002-of-00011.safetensors".
std::string shard_name(size_t index, size_t count) {
  const auto five_digits = [](size_t value) {
    const std::string digits = std::to_string(value);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0').append(digits);
  };
  std::string name = "model-";
  name.append(five_digits(index + 1)).append("-of-").append(five_digits(count));
  return name.append(".safetensors");
}

struct Shards {
  std::vector<std::vector<TensorView>> tensors;
  int64_t num_bytes = 0;
  int64_t num_values = 0;
};

// Fills shards one after the other, in the order of the layers.
Shards divide(const std::vector<TensorView>& tensors, DType dtype, int64_t max_shard_bytes) {
  Shards shards;
  int64_t in_shard = 0;
  for (const TensorView& tensor : tensors) {
    const int64_t num_bytes = static_cast<int64_t>(tensor.values.size()) * dtype_size(dtype);
    if (shards.tensors.empty() || in_shard + num_bytes > max_shard_bytes) {
      shards.tensors.emplace_back();
      in_shard = 0;
    }
    shards.tensors.back().push_back(tensor);
    in_shard += num_bytes;
    shards.num_bytes += num_bytes;
    shards.num_values += static_cast<int64_t>(tensor.values.size());
  }
  return shards;
}

std::string index_text(const Shards& shards) {
  Json json = Json::object();
  json["metadata"] = Json::object();
  json["metadata"]["total_parameters"] = shards.num_values;
  json["metadata"]["total_size"] = shards.num_bytes;
  std::map<std::string, std::string> places;
  for (size_t i = 0; i < shards.tensors.size(); ++i) {
    for (const TensorView& tensor : shards.tensors[i])
      places[tensor.name] = shard_name(i, shards.tensors.size());
  }
  json["weight_map"] = places;
  return dump_json_pretty(json);
}

// Nothing when there is no such file.
Result<void> remove_stale(const fs::path& path) {
  std::error_code failure;
  fs::remove(path, failure);
  if (failure) return Error{ErrorCode::Internal, "cannot remove: " + path.string(), ""};
  return {};
}

// Readers take a single file before an index, and some take every file with weights in it.
Result<void> remove_stale_weights(const fs::path& root, const std::set<std::string>& kept) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_weights = name == kWeightsFile || name == kIndexFile ||
                            (name.starts_with("model-") && name.ends_with(".safetensors"));
    if (!is_weights || kept.contains(name)) continue;
    TRY(remove_stale(entry.path()));
  }
  return {};
}

Result<void> write_weights(const fs::path& root, const std::vector<TensorView>& tensors,
                           const SaveOptions& options) {
  const Shards shards = divide(tensors, options.dtype, options.max_shard_bytes);
  std::set<std::string> written;
  if (shards.tensors.size() == 1) {
    written.insert(kWeightsFile);
    TRY(write_safetensors((root / kWeightsFile).string(), tensors, options.dtype));
  } else {
    for (size_t i = 0; i < shards.tensors.size(); ++i) {
      const std::string name = shard_name(i, shards.tensors.size());
      written.insert(name);
      TRY(write_safetensors((root / name).string(), shards.tensors[i], options.dtype));
    }
    written.insert(kIndexFile);
    TRY(write_file_atomic(root / kIndexFile, index_text(shards)));
  }
  return remove_stale_weights(root, written);
}

}  // namespace

Result<void> copy_tokenizer(const std::string& from, const std::string& to) {
  std::error_code unseen;  // then they are two
  if (from.empty() || fs::equivalent(from, to, unseen)) return {};
  std::map<std::string, std::string> files;
  for (const char* name : kTokenizerFiles) {
    Result<std::string> bytes = read_file(fs::path(from) / name);
    if (!bytes.ok() && bytes.error().code != ErrorCode::NotFound) return bytes.error();
    if (bytes.ok()) files[name] = std::move(bytes).value();
  }
  const bool is_pair = files.contains("vocab.json") && files.contains("merges.txt");
  if (!is_pair && !files.contains("tokenizer.json")) return {};
  for (const auto& [name, bytes] : files)
    TRY(write_file_atomic(fs::path(to) / name, bytes));
  for (const char* name : kTokenizerFiles) {
    if (!files.contains(name)) TRY(remove_stale(fs::path(to) / name));
  }
  return {};
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
  TRY(copy_tokenizer(options.tokenizer_directory, directory));
  TRY(write_file_atomic(root / "config.json", model_config_to_json(written)));
  TRY(write_file_atomic(
      root / "generation_config.json",
      generation_config_to_json(options.generation.value_or(generation_config_of(config)))));
  TRY(write_file_atomic(root / "README.md", options.model_card.empty() ? default_model_card(config)
                                                                       : options.model_card));
  return write_weights(root, tensors, options);
}

}  // namespace caco::lm
