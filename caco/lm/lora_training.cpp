#include "caco/lm/lora_training.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <random>
#include <string_view>

#include "caco/lm/lora_adapter.h"

namespace caco::lm {
namespace {

// The layer of a weight: "q_proj" of "model.layers.0.self_attn.q_proj.weight"; empty for others.
std::string_view module_of(std::string_view weight) {
  constexpr std::string_view kEnd = ".weight";
  if (!weight.starts_with("model.layers.") || !weight.ends_with(kEnd)) return "";
  weight.remove_suffix(kEnd.size());
  return weight.substr(weight.rfind('.') + 1);
}

std::string all_names() {
  std::string names;
  for (const std::string& name : linear_module_names())
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

double LoraOptions::scaling() const {
  return lora_scale(alpha, rank, uses_rslora);
}

const std::vector<std::string>& linear_module_names() {
  static const std::vector<std::string> names = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                                 "gate_proj", "up_proj", "down_proj"};
  return names;
}

Result<LoraParameters> LoraParameters::create(const ParameterLayout& layout,
                                              const LoraOptions& options) {
  if (options.rank <= 0) {
    return Error{ErrorCode::InvalidArgument,
                 "the rank of an adapter is not positive: " + std::to_string(options.rank), ""};
  }
  const std::vector<std::string>& known = linear_module_names();
  std::vector<std::string> targets;
  for (const std::string& target : options.target_modules) {
    if (target == "all-linear") {
      targets.insert(targets.end(), known.begin(), known.end());
    } else if (std::find(known.begin(), known.end(), target) == known.end()) {
      return Error{ErrorCode::InvalidArgument, "no linear layer of this name: " + target,
                   "the layers are " + all_names() + "; all-linear stands for all of them"};
    } else {
      targets.push_back(target);
    }
  }
  LoraParameters lora;
  lora.rank_ = options.rank;
  lora.scaling_ = options.scaling();
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    const std::string_view module = module_of(slot.weight.name);
    if (slot.weight.shape.size() != 2) continue;
    if (std::find(targets.begin(), targets.end(), module) == targets.end()) continue;
    Module added;
    added.name = slot.weight.name.substr(0, slot.weight.name.size() - 7);
    added.rows = slot.weight.shape[0];
    added.columns = slot.weight.shape[1];
    added.weight = slot.offset;
    added.a = lora.size_;
    added.b = added.a + options.rank * added.columns;
    lora.size_ = added.b + options.rank * added.rows;
    lora.modules_.push_back(std::move(added));
  }
  if (lora.modules_.empty()) {
    return Error{ErrorCode::InvalidArgument, "no layer of the model is adapted",
                 "give target modules: " + all_names()};
  }
  return lora;
}

std::vector<float> LoraParameters::initialize(uint64_t seed) const {
  std::vector<float> trained(static_cast<size_t>(size_), 0.0f);
  std::mt19937_64 random(seed);
  for (const Module& module : modules_) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(module.columns));
    for (int64_t i = 0; i < rank_ * module.columns; ++i) {
      // The distributions of the standard library differ between implementations; its engines not.
      const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
      trained[static_cast<size_t>(module.a + i)] = static_cast<float>((2.0 * unit - 1.0) * bound);
    }
  }
  return trained;
}

void LoraParameters::merge_module(const Module& module, std::span<const float> base,
                                  std::span<const float> trained, std::span<float> out,
                                  const Matmul& matmul) const {
  assert(base.size() == out.size() && static_cast<int64_t>(trained.size()) == size_);
  // The scaling goes into the smaller factor, so that the product lands on the weight as it is.
  std::vector<float> scaled(trained.begin() + module.b,
                            trained.begin() + module.b + module.rows * rank_);
  for (float& value : scaled)
    value *= static_cast<float>(scaling_);
  std::copy_n(base.begin() + module.weight, module.weight_size(), out.begin() + module.weight);
  matmul.multiply(module.rows, module.columns, rank_, {scaled.data(), rank_, false},
                  {trained.data() + module.a, module.columns, false}, out.data() + module.weight,
                  module.columns, 1);
}

void LoraParameters::project_module(const Module& module, std::span<const float> weight_gradients,
                                    std::span<const float> trained,
                                    std::span<float> trained_gradients,
                                    const Matmul& matmul) const {
  assert(trained.size() == trained_gradients.size());
  const float* weight_gradient = weight_gradients.data() + module.weight;
  const float* a = trained.data() + module.a;
  const float* b = trained.data() + module.b;
  float* a_gradient = trained_gradients.data() + module.a;
  float* b_gradient = trained_gradients.data() + module.b;
  matmul.multiply(rank_, module.columns, module.rows, {b, rank_, true},
                  {weight_gradient, module.columns, false}, a_gradient, module.columns, 0);
  matmul.multiply(module.rows, rank_, module.columns, {weight_gradient, module.columns, false},
                  {a, module.columns, true}, b_gradient, rank_, 0);
  const int64_t size = rank_ * (module.columns + module.rows);
  for (int64_t i = 0; i < size; ++i)
    a_gradient[i] *= static_cast<float>(scaling_);  // B's follow A's
}

LoraAdapter LoraParameters::to_adapter(std::span<const float> trained, const LoraOptions& options,
                                       const std::string& base_name) const {
  LoraAdapter adapter;
  adapter.config.r = rank_;
  adapter.config.lora_alpha = options.alpha;
  adapter.config.use_rslora = options.uses_rslora;
  adapter.config.base_model_name_or_path = base_name;
  for (const Module& module : modules_) {
    LoraPair pair;
    pair.rank = rank_;
    pair.inputs = module.columns;
    pair.outputs = module.rows;
    pair.a.assign(trained.begin() + module.a, trained.begin() + module.b);
    pair.b.assign(trained.begin() + module.b, trained.begin() + module.b + module.rows * rank_);
    adapter.pairs[module.name + ".weight"] = std::move(pair);
    std::vector<std::string>& names = adapter.config.target_modules;
    const std::string name = module.name.substr(module.name.rfind('.') + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return adapter;
}

}  // namespace caco::lm
