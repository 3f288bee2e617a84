// Training on LibTorch's processor device: the same steps as the native engine's, through the same
// loop, and exact resumption.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "caco/lm/small_model.h"
#include "caco/lm/torch/backend.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {
namespace {

constexpr int32_t kVocabSize = 300;  // of small_config

// Three passes a step.
TrainerOptions options_of(const std::string& name) {
  TrainerOptions options = tiny_options("torch_" + name);
  options.batches.epochs = 3;
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

Outcome outcome_of(const TrainerOptions& options) {
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const ParameterLayout layout(config);
  const Result<TrainingResult> result =
      train_model(config, flatten_weights(layout, random_checkpoint(config, 3, 1.0).weights),
                  counting_set(kVocabSize), options);
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return {result.value(), state_of(options)};
}

void expect_same_run(TrainerOptions options, const std::string& name) {
  SCOPED_TRACE(name);
  options.output_directory = options_of(name + "_native").output_directory;
  const TrainingSet held_out = counting_set(kVocabSize);
  options.evaluation = &held_out;
  const Outcome native = outcome_of(options);
  options.output_directory = options_of(name + "_torch").output_directory;
  use_torch(options);
  const Outcome torch = outcome_of(options);
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
  const Outcome expected = outcome_of(whole);
  TrainerOptions stopped = options_of("stopped");
  use_torch(stopped);
  int64_t num_steps = 0;
  stopped.should_stop = [&] {
    return ++num_steps == 5;
  };
  EXPECT_FALSE(outcome_of(stopped).result.is_finished);
  stopped.should_stop = nullptr;
  stopped.is_resuming = true;
  const Outcome found = outcome_of(stopped);
  EXPECT_TRUE(found.result.is_finished);
  expect_same_state(found.state, expected.state);
}

// A run of another device is not continued: its numbers differ in the last bits.
TEST(TorchEngine, ANativeRunIsNotContinued) {
  TrainerOptions options = options_of("device");
  outcome_of(options);
  options.is_resuming = true;
  use_torch(options);
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const Result<TrainingResult> result =
      train_model(config, std::vector<float>(static_cast<size_t>(config.num_parameters())),
                  counting_set(kVocabSize), options);
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
