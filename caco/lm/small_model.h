// Random weights of a configuration and a small tokenizer, for the tests and benchmarks of
// decoding.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "caco/lm/bpe_trainer.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/small_config.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

// Weights from N(0, 1 / inputs), norms around 1, biases around 0: activations keep their size.
// `sharpness` scales the embedding, and with it how peaked a tied model's distribution is.
inline Checkpoint random_checkpoint(const ModelConfig& config, uint64_t seed, double sharpness) {
  std::mt19937_64 random(seed);
  Checkpoint checkpoint;
  checkpoint.config = config;
  for (const WeightShape& expected : expected_weights(config)) {
    Weight weight;
    weight.shape = expected.shape;
    const bool is_norm = expected.shape.size() == 1;
    const double scale = is_norm ? 0.1 : 1.0 / std::sqrt(static_cast<double>(expected.shape[1]));
    const bool is_embedding = expected.name == "model.embed_tokens.weight";
    const bool is_bias = expected.name.ends_with(".bias");
    std::normal_distribution<double> normal(is_norm && !is_bias ? 1.0 : 0.0,
                                            is_embedding ? scale * sharpness : scale);
    int64_t size = 1;
    for (int64_t dimension : expected.shape)
      size *= dimension;
    for (int64_t i = 0; i < size; ++i)
      weight.values.push_back(static_cast<float>(normal(random)));
    checkpoint.weights[expected.name] = std::move(weight);
  }
  return checkpoint;
}

// Three special tokens, the bytes and a few merges: 290 ids at most.
inline Tokenizer small_tokenizer() {
  BpeTrainerOptions options;
  options.vocab_size = 290;
  Result<BpeTrainer> trainer = BpeTrainer::create(options);
  assert(trainer.ok());
  trainer.value().add_text("the cat and the dog and the other cat: << >> the total of the cats");
  Result<Tokenizer> tokenizer = trainer.value().train();
  assert(tokenizer.ok());
  return std::move(tokenizer).value();
}

}  // namespace caco::lm
