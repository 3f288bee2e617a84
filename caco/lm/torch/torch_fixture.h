// A small training on LibTorch's processor device, for the tests of its engine.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/small_model.h"
#include "caco/lm/torch/backend.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {

constexpr int32_t kTorchVocabSize = 300;  // of small_config

// Three passes a step.
inline TrainerOptions torch_options(const std::string& name) {
  TrainerOptions options = tiny_options("torch_" + name);
  options.batches.epochs = 3;
  options.learning_rate = 2e-3;
  options.num_threads = 1;
  options.precision = Precision::Float32;
  return options;
}

// From here on `options` train on so many replicas of LibTorch's processor device.
inline void use_torch(TrainerOptions& options, int64_t num_replicas = 1) {
  options.device = "torch-cpu";
  options.make_engine = [num_replicas](const ModelConfig& config, const TrainerOptions& of_run,
                                       const LoraParameters* lora, std::vector<float> base) {
    const std::vector<Device> devices(to_size(num_replicas), Device{DeviceKind::TorchCpu, 0});
    return make_torch_engine(devices, config, of_run, lora, std::move(base));
  };
}

struct TrainedOutcome {
  TrainingResult result;
  TrainingState state;
};

inline TrainedOutcome trained_outcome(const TrainerOptions& options) {
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const ParameterLayout layout(config);
  const Result<TrainingResult> result =
      train_model(config, flatten_weights(layout, random_checkpoint(config, 3, 1.0).weights),
                  counting_set(kTorchVocabSize), options);
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return {result.value(), state_of(options)};
}

// An adapter of rank 4 on every linear layer, merged at the end.
inline TrainerOptions torch_adapter_options(const std::string& name) {
  TrainerOptions options = torch_options(name);
  options.lora.rank = 4;
  options.lora.uses_rslora = true;
  options.lora.target_modules = {"all-linear"};
  options.merges_lora = true;
  options.learning_rate = 2e-2;
  return options;
}

// Trains until `num_steps` are done, with a checkpoint there.
inline void stop_after(TrainerOptions options, int64_t num_steps) {
  int64_t count = 0;
  options.should_stop = [&] {
    return ++count == num_steps;
  };
  EXPECT_FALSE(trained_outcome(options).result.is_finished);
}

}  // namespace caco::lm
