// A slow, plain forward pass in double precision, written from the definition of the architecture
// and sharing no code with the engine: the yardstick of the trainer's and the sampler's tests.
// Scaled ropes are left to parity_test.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "caco/lm/checkpoint.h"

namespace caco::lm {

using Vector = std::vector<double>;

// Returns W x for a weight [out, in].
inline Vector reference_linear(const Weight& weight, const Vector& x) {
  const size_t columns = x.size();
  Vector out(weight.values.size() / columns, 0.0);
  for (size_t i = 0; i < out.size(); ++i) {
    for (size_t j = 0; j < columns; ++j) {
      out[i] += static_cast<double>(weight.values[i * columns + j]) * x[j];
    }
  }
  return out;
}

// Adds the bias of that name, where the model has one.
inline void reference_add_bias(const Weights& weights, const std::string& name, Vector& out) {
  const auto bias = weights.find(name);
  if (bias == weights.end()) return;
  for (size_t i = 0; i < out.size(); ++i)
    out[i] += static_cast<double>(bias->second.values[i]);
}

inline Vector reference_rms_norm(const Weight& weight, const Vector& x, double eps) {
  double sum = 0;
  for (const double value : x)
    sum += value * value;
  const double scale = 1.0 / std::sqrt(sum / static_cast<double>(x.size()) + eps);
  Vector out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    out[i] = x[i] * scale * static_cast<double>(weight.values[i]);
  }
  return out;
}

// Norms each head of `d` elements by the weight of that name, where the model has one.
inline void reference_norm_heads(const Weights& weights, const std::string& name, size_t d,
                                 double eps, Vector& heads) {
  const auto weight = weights.find(name);
  if (weight == weights.end()) return;
  for (auto head = heads.begin(); head != heads.end(); head += static_cast<int64_t>(d)) {
    const Vector normed =
        reference_rms_norm(weight->second, Vector(head, head + static_cast<int64_t>(d)), eps);
    std::copy(normed.begin(), normed.end(), head);
  }
}

// Rotates the pairs (i, i + d/2) of one head at `head` of x by position * theta^(-2i/d).
inline void reference_rotate(Vector& x, size_t head, size_t d, double position, double theta) {
  for (size_t i = 0; i < d / 2; ++i) {
    const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(d);
    const double angle = position * std::pow(theta, exponent);
    const double a = x[head * d + i];
    const double b = x[head * d + i + d / 2];
    x[head * d + i] = a * std::cos(angle) - b * std::sin(angle);
    x[head * d + i + d / 2] = b * std::cos(angle) + a * std::sin(angle);
  }
}

// Causal attention of position `t` over the keys and values up to it, all heads.
inline Vector reference_attend(const ModelConfig& config, const Vector& query,
                               const std::vector<Vector>& keys, const std::vector<Vector>& values) {
  const size_t d = static_cast<size_t>(config.head_dim);
  const size_t num_heads = static_cast<size_t>(config.num_attention_heads);
  const size_t group = num_heads / static_cast<size_t>(config.num_key_value_heads);
  Vector out(num_heads * d, 0.0);
  for (size_t head = 0; head < num_heads; ++head) {
    const size_t from = head / group * d;
    Vector weights(keys.size());
    double sum = 0;
    for (size_t t = 0; t < keys.size(); ++t) {
      double score = 0;
      for (size_t i = 0; i < d; ++i)
        score += query[head * d + i] * keys[t][from + i];
      weights[t] = std::exp(score / std::sqrt(static_cast<double>(d)));
      sum += weights[t];
    }
    for (size_t t = 0; t < keys.size(); ++t) {
      for (size_t i = 0; i < d; ++i)
        out[head * d + i] += weights[t] / sum * values[t][from + i];
    }
  }
  return out;
}

inline void reference_add(Vector& x, const Vector& y) {
  for (size_t i = 0; i < x.size(); ++i)
    x[i] += y[i];
}

// Returns the logits [tokens][vocab] of one document.
inline std::vector<Vector> reference_logits(const ModelConfig& config, const Weights& weights,
                                            std::span<const int32_t> tokens) {
  const size_t hidden = static_cast<size_t>(config.hidden_size);
  const size_t d = static_cast<size_t>(config.head_dim);
  const Weight& embedding = weights.at("model.embed_tokens.weight");
  std::vector<Vector> x;
  for (const int32_t token : tokens) {
    const auto row = embedding.values.begin() + static_cast<int64_t>(token) * config.hidden_size;
    x.emplace_back(row, row + static_cast<int64_t>(hidden));
  }
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    const auto weight = [&](const char* name) -> const Weight& {
      return weights.at(prefix + name + ".weight");
    };
    const auto linear = [&](const char* name, const Vector& input) {
      Vector out = reference_linear(weight(name), input);
      reference_add_bias(weights, prefix + name + ".bias", out);
      return out;
    };
    std::vector<Vector> keys;
    std::vector<Vector> values;
    for (size_t t = 0; t < x.size(); ++t) {
      const Vector normed =
          reference_rms_norm(weight("input_layernorm"), x[t], config.rms_norm_eps);
      Vector query = linear("self_attn.q_proj", normed);
      Vector key = linear("self_attn.k_proj", normed);
      reference_norm_heads(weights, prefix + "self_attn.q_norm.weight", d, config.rms_norm_eps,
                           query);
      reference_norm_heads(weights, prefix + "self_attn.k_norm.weight", d, config.rms_norm_eps,
                           key);
      const double position = static_cast<double>(t);
      for (size_t h = 0; h < query.size() / d; ++h) {
        reference_rotate(query, h, d, position, config.rope_theta);
      }
      for (size_t h = 0; h < key.size() / d; ++h) {
        reference_rotate(key, h, d, position, config.rope_theta);
      }
      keys.push_back(std::move(key));
      values.push_back(linear("self_attn.v_proj", normed));
      const Vector attended = reference_attend(config, query, keys, values);
      reference_add(x[t], linear("self_attn.o_proj", attended));
      const Vector inner =
          reference_rms_norm(weight("post_attention_layernorm"), x[t], config.rms_norm_eps);
      Vector gate = linear("mlp.gate_proj", inner);
      const Vector up = linear("mlp.up_proj", inner);
      for (size_t i = 0; i < gate.size(); ++i)
        gate[i] *= up[i] / (1.0 + std::exp(-gate[i]));
      reference_add(x[t], linear("mlp.down_proj", gate));
    }
  }
  const Weight& output = config.tie_word_embeddings ? embedding : weights.at("lm_head.weight");
  std::vector<Vector> logits;
  for (const Vector& row : x) {
    const Vector normed =
        reference_rms_norm(weights.at("model.norm.weight"), row, config.rms_norm_eps);
    logits.push_back(reference_linear(output, normed));
  }
  return logits;
}

}  // namespace caco::lm
