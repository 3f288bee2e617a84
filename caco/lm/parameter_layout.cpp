#include "caco/lm/parameter_layout.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>

namespace caco::lm {
namespace {

// SplitMix64 (Steele, Lea, Flood, 2014): the state is a counter, so values do not depend on order.
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Standard normal value number `index` of stream `seed`, by Box and Muller.
double normal_value(uint64_t seed, uint64_t index) {
  const auto uniform = [](uint64_t bits) {
    return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
  };
  const double radius = std::sqrt(-2.0 * std::log(uniform(mix(seed ^ mix(2 * index)))));
  return radius * std::cos(2.0 * std::numbers::pi * uniform(mix(seed ^ mix(2 * index + 1))));
}

bool ends_with(const std::string& text, const char* ending) {
  return std::string_view(text).ends_with(ending);
}

// Notes the place of a layer's weight, or of the first of several that lie together.
void place_weight(ParameterLayout::Layer& layer, const std::string& name, int64_t offset) {
  struct Row {
    const char* ending;
    int64_t ParameterLayout::Layer::*place;
  };
  using Layer = ParameterLayout::Layer;
  constexpr Row kRows[] = {{".input_layernorm.weight", &Layer::input_norm},
                           {".q_proj.weight", &Layer::query_key_value},
                           {".q_proj.bias", &Layer::query_key_value_bias},
                           {".q_norm.weight", &Layer::query_norm},
                           {".k_norm.weight", &Layer::key_norm},
                           {".o_proj.weight", &Layer::attention_output},
                           {".o_proj.bias", &Layer::attention_output_bias},
                           {".post_attention_layernorm.weight", &Layer::post_norm},
                           {".gate_proj.weight", &Layer::gate_up},
                           {".gate_proj.bias", &Layer::gate_up_bias},
                           {".down_proj.weight", &Layer::down},
                           {".down_proj.bias", &Layer::down_bias}};
  for (const Row& row : kRows) {
    if (ends_with(name, row.ending)) layer.*row.place = offset;
  }
}

}  // namespace

ParameterLayout::ParameterLayout(const ModelConfig& config) {
  layers_.resize(to_size(config.num_hidden_layers));
  int64_t layer = -1;
  for (WeightShape& weight : expected_weights(config)) {
    int64_t size = 1;
    for (const int64_t dimension : weight.shape)
      size *= dimension;
    const std::string& name = weight.name;
    if (ends_with(name, ".input_layernorm.weight")) ++layer;
    if (name.starts_with("model.layers.")) place_weight(layers_[to_size(layer)], name, size_);
    if (name == "model.norm.weight") final_norm_ = size_;
    if (name == "lm_head.weight") output_ = size_;
    slots_.push_back({std::move(weight), size_, size});
    size_ += size;
  }
}

std::vector<float> flatten_weights(const ParameterLayout& layout, const Weights& weights) {
  std::vector<float> parameters(to_size(layout.size()));
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    const std::vector<float>& values = weights.at(slot.weight.name).values;
    assert(static_cast<int64_t>(values.size()) == slot.size);
    std::copy(values.begin(), values.end(), parameters.begin() + slot.offset);
  }
  return parameters;
}

Weights unflatten_weights(const ParameterLayout& layout, std::span<const float> parameters) {
  Weights weights;
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    const auto begin = parameters.begin() + slot.offset;
    weights[slot.weight.name] =
        Weight{slot.weight.shape, std::vector<float>(begin, begin + slot.size)};
  }
  return weights;
}

std::vector<float> initialize_parameters(const ModelConfig& config, uint64_t seed) {
  const ParameterLayout layout(config);
  std::vector<float> parameters(to_size(layout.size()), 1.0f);
  const double residual = 1.0 / std::sqrt(2.0 * static_cast<double>(config.num_hidden_layers));
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    if (slot.weight.shape.size() < 2) {  // norms start at 1, biases at 0
      if (!ends_with(slot.weight.name, ".bias")) continue;
      std::fill_n(parameters.begin() + slot.offset, slot.size, 0.0f);
      continue;
    }
    const bool is_residual = ends_with(slot.weight.name, ".o_proj.weight") ||
                             ends_with(slot.weight.name, ".down_proj.weight");
    const double deviation = config.initializer_range * (is_residual ? residual : 1.0);
    for (int64_t i = slot.offset; i < slot.offset + slot.size; ++i) {
      parameters[to_size(i)] =
          static_cast<float>(deviation * normal_value(mix(seed), static_cast<uint64_t>(i)));
    }
  }
  return parameters;
}

}  // namespace caco::lm
