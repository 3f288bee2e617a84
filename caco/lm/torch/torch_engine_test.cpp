// Training on LibTorch's processor device: the same steps as the native engine's, through the same
// loop, and exact resumption.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/small_model.h"
#include "caco/lm/torch/backend.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_state.h"

namespace caco::lm {
namespace {

TrainingSet quadratic_set() {
  TrainingSet set;
  for (int32_t first = 0; first < 24; ++first) {
    std::vector<int32_t> tokens;
    for (int32_t i = 0; i < 5 + first % 7; ++i)
      tokens.push_back((first + i * i) % 300);
    set.add(tokens, 1 + first % 3, {});
  }
  return set;
}

TrainerOptions options_of(const std::string& name) {
  TrainerOptions options;
  options.output_directory = testing::TempDir() + "/torch_engine_test_" + name;
  std::filesystem::remove_all(options.output_directory);
  options.batches.batch_tokens = 60;
  options.batches.epochs = 3;
  options.pack_tokens = 24;  // three passes a step
  options.learning_rate = 2e-3;
  options.num_threads = 1;
  options.precision = Precision::Float32;
  return options;
}

void use_torch(TrainerOptions& options) {
  options.device = "torch-cpu";
  options.make_engine = [](const ModelConfig& config, const TrainerOptions& of_run,
                           const LoraParameters* lora, std::vector<float> base) {
    return make_torch_engine({DeviceKind::TorchCpu, 0}, config, of_run, lora, std::move(base));
  };
}

struct Outcome {
  TrainingResult result;
  TrainingState state;
};

Outcome train(const TrainerOptions& options) {
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const ParameterLayout layout(config);
  const Result<TrainingResult> result =
      train_model(config, flatten_weights(layout, random_checkpoint(config, 3, 1.0).weights),
                  quadratic_set(), options);
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return {result.value(),
          load_training_state(training_state_path(options.output_directory)).value()};
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double worst = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    worst = std::max(worst, static_cast<double>(std::fabs(a[i] - b[i])));
  return worst;
}

void expect_same_run(TrainerOptions options, const std::string& name) {
  SCOPED_TRACE(name);
  options.output_directory = options_of(name + "_native").output_directory;
  const TrainingSet held_out = quadratic_set();
  options.evaluation = &held_out;
  const Outcome native = train(options);
  options.output_directory = options_of(name + "_torch").output_directory;
  use_torch(options);
  const Outcome torch = train(options);
  ASSERT_EQ(torch.state.recent_losses.size(), native.state.recent_losses.size());
  for (size_t i = 0; i < torch.state.recent_losses.size(); ++i) {
    EXPECT_NEAR(torch.state.recent_losses[i], native.state.recent_losses[i], 2e-4) << i;
  }
  EXPECT_NEAR(torch.result.eval_loss, native.result.eval_loss, 2e-4);
  ASSERT_FALSE(native.state.recent_losses.empty());
  EXPECT_LT(native.state.recent_losses.back(), native.state.recent_losses.front() - 0.5);
}

TEST(TorchEngine, StepsAreThoseOfTheNativeEngine) {
  expect_same_run(options_of(""), "adamw");
  TrainerOptions muon = options_of("");
  muon.optimizer = Optimizer::Muon;
  expect_same_run(muon, "muon");
  TrainerOptions recomputing = options_of("");
  recomputing.recomputes_activations = true;
  expect_same_run(recomputing, "recomputing");
  TrainerOptions lora = options_of("");
  lora.lora.rank = 4;
  lora.lora.uses_rslora = true;
  lora.lora.target_modules = {"all-linear"};
  lora.merges_lora = true;
  lora.learning_rate = 2e-2;
  expect_same_run(lora, "lora");
  lora.recomputes_activations = true;
  expect_same_run(lora, "lora_recomputing");
}

TEST(TorchEngine, ResumptionIsExact) {
  TrainerOptions whole = options_of("whole");
  use_torch(whole);
  const Outcome expected = train(whole);
  TrainerOptions stopped = options_of("stopped");
  use_torch(stopped);
  int64_t num_steps = 0;
  stopped.should_stop = [&] {
    return ++num_steps == 5;
  };
  EXPECT_FALSE(train(stopped).result.is_finished);
  stopped.should_stop = nullptr;
  stopped.is_resuming = true;
  const Outcome found = train(stopped);
  EXPECT_TRUE(found.result.is_finished);
  EXPECT_EQ(largest_difference(found.state.parameters, expected.state.parameters), 0);
  EXPECT_EQ(largest_difference(found.state.moment1, expected.state.moment1), 0);
  EXPECT_EQ(largest_difference(found.state.moment2, expected.state.moment2), 0);
  EXPECT_EQ(found.state.recent_losses, expected.state.recent_losses);
}

// A run of another device is not continued: its numbers differ in the last bits.
TEST(TorchEngine, ANativeRunIsNotContinued) {
  TrainerOptions options = options_of("device");
  train(options);
  options.is_resuming = true;
  use_torch(options);
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const Result<TrainingResult> result =
      train_model(config, std::vector<float>(static_cast<size_t>(config.num_parameters())),
                  quadratic_set(), options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
}

TEST(TorchEngine, AMissingGpuIsAnError) {
  const Result<void> status = check_torch_device({DeviceKind::Cuda, 63});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace caco::lm
