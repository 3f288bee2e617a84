#include "caco/lm/lora_adapter.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <string_view>
#include <utility>

#include "caco/base/file.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kAdapterWeightsFile = "adapter_model.safetensors";
constexpr std::string_view kNamePrefix = "base_model.model.";
constexpr std::string_view kSuffixA = ".lora_A.weight";
constexpr std::string_view kSuffixB = ".lora_B.weight";
constexpr std::string_view kWeightSuffix = ".weight";
constexpr int64_t kMaxAdapterConfigBytes = int64_t{1} << 20;

// "model.layers.0.self_attn.q_proj.weight" without its last part.
std::string module_of(const std::string& weight_name) {
  assert(weight_name.ends_with(kWeightSuffix));
  return weight_name.substr(0, weight_name.size() - kWeightSuffix.size());
}

// The name in the file of one factor of a weight.
std::string factor_name(const std::string& weight_name, std::string_view suffix) {
  std::string name(kNamePrefix);
  name.append(module_of(weight_name));
  name.append(suffix);
  return name;
}

// Whether `ending` is the module's name or its last parts.
bool names_module(std::string_view module, std::string_view ending) {
  if (!module.ends_with(ending)) return false;
  return module.size() == ending.size() || module[module.size() - ending.size() - 1] == '.';
}

// Returns the value of the first pattern that names the module, or `otherwise`.
template <typename Value>
Value of_pattern(const std::map<std::string, Value>& pattern, const std::string& module,
                 Value otherwise) {
  for (const auto& [ending, value] : pattern) {
    if (names_module(module, ending)) return value;
  }
  return otherwise;
}

bool is_target(const LoraConfig& config, const std::string& module) {
  // An expression has been matched by whoever wrote the tensors; no list at all means any module.
  if (config.target_modules.empty()) return true;
  return std::any_of(config.target_modules.begin(), config.target_modules.end(),
                     [&](const std::string& target) { return names_module(module, target); });
}

Result<void> check_pair(const LoraConfig& config, const std::string& name, const LoraPair& pair) {
  const std::string module = module_of(name);
  const int64_t rank = of_pattern(config.rank_pattern, module, config.r);
  if (pair.rank != rank) {
    return refused_adapter("rank of " + module + " should be " + std::to_string(rank) + ", it is " +
                           std::to_string(pair.rank));
  }
  const auto size_of = [](const std::vector<float>& values) {
    return static_cast<int64_t>(values.size());
  };
  if (pair.inputs < 1 || pair.outputs < 1 || size_of(pair.a) != pair.rank * pair.inputs ||
      size_of(pair.b) != pair.outputs * pair.rank) {
    return refused_adapter("the factors of " + module + " do not fit each other");
  }
  if (!is_target(config, module)) return refused_adapter("target_modules does not name " + module);
  return {};
}

// Reads one tensor into the pair of the weight that its name tells.
Result<void> read_factor(const SafetensorsFile& file, const std::string& name,
                         const TensorEntry& entry, LoraAdapter& adapter) {
  const bool is_a = name.ends_with(kSuffixA);
  const bool is_b = name.ends_with(kSuffixB);
  const size_t ending = kNamePrefix.size() + kSuffixA.size();
  if (!name.starts_with(kNamePrefix) || (!is_a && !is_b) || name.size() <= ending) {
    return refused_adapter("tensor is not a factor of a linear layer: " + name);
  }
  if (entry.shape.size() != 2) return refused_adapter("tensor is not a matrix: " + name);
  const std::string weight =
      name.substr(kNamePrefix.size(), name.size() - ending) + std::string(kWeightSuffix);
  LoraPair& pair = adapter.pairs[weight];
  if (is_a) {
    pair.rank = entry.shape[0];
    pair.inputs = entry.shape[1];
    pair.a = TRY(file.read_float(name));
  } else {
    pair.outputs = entry.shape[0];
    pair.b = TRY(file.read_float(name));
  }
  return {};
}

}  // namespace

double LoraAdapter::scale(const std::string& weight_name) const {
  const std::string module = module_of(weight_name);
  const double alpha = of_pattern(config.alpha_pattern, module, config.lora_alpha);
  return lora_scale(alpha, pairs.at(weight_name).rank, config.use_rslora);
}

Result<LoraAdapter> read_lora_adapter(const std::string& directory) {
  const fs::path root(directory);
  const std::string text = TRY(read_file(root / kConfigFile, kMaxAdapterConfigBytes));
  LoraAdapter adapter;
  adapter.config = TRY(parse_lora_config(text));
  if (!fs::exists(root / kAdapterWeightsFile) && fs::exists(root / "adapter_model.bin")) {
    return refused_adapter(
        "its weights are a pickle, which is not read; save them as safetensors: " + directory);
  }
  const SafetensorsFile file = TRY(SafetensorsFile::open((root / kAdapterWeightsFile).string()));
  for (const auto& [name, entry] : file.header().tensors)
    TRY(read_factor(file, name, entry, adapter));
  if (adapter.pairs.empty()) return refused_adapter("it has no tensors: " + directory);
  for (const auto& [name, pair] : adapter.pairs) {
    if (pair.a.empty())
      return refused_adapter("tensor lora_A is missing or empty for " + module_of(name));
    if (pair.b.empty())
      return refused_adapter("tensor lora_B is missing or empty for " + module_of(name));
    TRY(check_pair(adapter.config, name, pair));
  }
  return adapter;
}

Result<void> write_lora_adapter(const std::string& directory, const LoraAdapter& adapter,
                                DType dtype) {
  if (adapter.pairs.empty()) return refused_adapter("it has no weights to write");
  std::vector<TensorView> tensors;
  for (const auto& [name, pair] : adapter.pairs) {
    TRY(check_pair(adapter.config, name, pair));
    tensors.push_back({factor_name(name, kSuffixA), {pair.rank, pair.inputs}, pair.a});
    tensors.push_back({factor_name(name, kSuffixB), {pair.outputs, pair.rank}, pair.b});
  }
  const fs::path root(directory);
  TRY(make_folders(root));
  TRY(write_file_atomic(root / kConfigFile, lora_config_to_json(adapter.config)));
  return write_safetensors((root / kAdapterWeightsFile).string(), tensors, dtype);
}

void merge_into(std::span<float> weight, const LoraPair& pair, double scale) {
  assert(static_cast<int64_t>(weight.size()) == pair.outputs * pair.inputs);
  const size_t rank = static_cast<size_t>(pair.rank);
  const size_t inputs = static_cast<size_t>(pair.inputs);
  std::vector<float> change(inputs);
  for (size_t output = 0; output < static_cast<size_t>(pair.outputs); ++output) {
    std::fill(change.begin(), change.end(), 0.0f);
    for (size_t k = 0; k < rank; ++k) {
      const float factor = pair.b[output * rank + k];
      const float* row = pair.a.data() + k * inputs;
      for (size_t i = 0; i < inputs; ++i)
        change[i] += factor * row[i];
    }
    float* to = weight.data() + output * inputs;
    const float scale_value = static_cast<float>(scale);
    for (size_t i = 0; i < inputs; ++i)
      to[i] += scale_value * change[i];
  }
}

std::vector<float> merged(std::span<const float> weight, const LoraPair& pair, double scale) {
  std::vector<float> sum(weight.begin(), weight.end());
  merge_into(sum, pair, scale);
  return sum;
}

Result<void> merge_adapter(Weights& weights, const LoraAdapter& adapter) {
  for (const auto& [name, pair] : adapter.pairs) {
    const auto found = weights.find(name);
    if (found == weights.end()) return refused_adapter("the base model has no weight " + name);
    const std::vector<int64_t>& shape = found->second.shape;
    if (shape != std::vector<int64_t>{pair.outputs, pair.inputs}) {
      return refused_adapter("its factors do not fit the base model's " + name);
    }
  }
  for (const auto& [name, pair] : adapter.pairs)
    merge_into(weights.at(name).values, pair, adapter.scale(name));
  return {};
}

}  // namespace caco::lm
