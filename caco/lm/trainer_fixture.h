// A tiny training for the tests of the training loop, and its bytes to compare.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/small_config.h"
#include "caco/lm/test_directory.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_state.h"
#include "caco/lm/transformer.h"

namespace caco::lm {

inline ModelConfig trainer_config() {
  return small_config(32, 32, 64, 2, 2, 16);
}

// Sequences that count up from the prompt's number: the completion follows from the prompt.
inline TrainingSet counting_set(int32_t vocab_size = 32) {
  TrainingSet set;
  for (int32_t first = 0; first < 24; ++first) {
    std::vector<int32_t> tokens;
    for (int32_t i = 0; i < 5 + first % 7; ++i)
      tokens.push_back((first + i * i) % vocab_size);
    set.add(tokens, 1 + first % 3, {});
  }
  return set;
}

inline TrainerOptions tiny_options(const std::string& name) {
  TrainerOptions options;
  options.output_directory = fresh_directory("trainer_" + name);
  options.batches.batch_tokens = 60;
  options.batches.epochs = 6;
  options.pack_tokens = 24;
  options.learning_rate = 5e-3;
  return options;
}

inline Result<TrainingResult> train(const TrainerOptions& options) {
  const ModelConfig config = trainer_config();
  return train_model(config, initialize_parameters(config, 1), counting_set(), options);
}

inline TrainingState state_of(const TrainerOptions& options) {
  return load_training_state(training_state_path(options.output_directory)).value();
}

inline bool is_same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

inline void expect_same_state(const TrainingState& a, const TrainingState& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.num_tokens, b.num_tokens);
  EXPECT_EQ(a.recent_losses, b.recent_losses);
  EXPECT_TRUE(is_same(a.parameters, b.parameters));
  EXPECT_TRUE(is_same(a.moment1, b.moment1));
  EXPECT_TRUE(is_same(a.moment2, b.moment2));
}

inline TrainerOptions adapter_options(const std::string& name) {
  TrainerOptions options = tiny_options(name);
  options.precision = Precision::Float32;
  options.learning_rate = 2e-2;
  options.lora.rank = 8;
  options.lora.alpha = 16;
  options.lora.target_modules = {"all-linear"};
  options.lora_base = "base";
  return options;
}

}  // namespace caco::lm
