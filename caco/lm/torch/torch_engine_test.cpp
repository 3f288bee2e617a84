// Training on LibTorch's processor device: the same steps as the native engine's, through the same
// loop, and exact resumption.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/lm/torch/torch_fixture.h"

namespace caco::lm {
namespace {

void expect_same_run(TrainerOptions options, const std::string& name) {
  SCOPED_TRACE(name);
  options.output_directory = torch_options(name + "_native").output_directory;
  const TrainingSet held_out = counting_set(kTorchVocabSize);
  options.evaluation = &held_out;
  const TrainedOutcome native = trained_outcome(options);
  options.output_directory = torch_options(name + "_torch").output_directory;
  use_torch(options);
  const TrainedOutcome torch = trained_outcome(options);
  ASSERT_EQ(torch.state.recent_losses.size(), native.state.recent_losses.size());
  for (size_t i = 0; i < torch.state.recent_losses.size(); ++i) {
    EXPECT_NEAR(torch.state.recent_losses[i], native.state.recent_losses[i], 2e-4) << i;
  }
  EXPECT_NEAR(torch.result.eval_loss, native.result.eval_loss, 2e-4);
  ASSERT_FALSE(native.state.recent_losses.empty());
  EXPECT_LT(native.state.recent_losses.back(), native.state.recent_losses.front() - 0.5);
}

TEST(TorchEngine, StepsAreThoseOfTheNativeEngine) {
  expect_same_run(torch_options(""), "adamw");
  TrainerOptions muon = torch_options("");
  muon.optimizer = Optimizer::Muon;
  expect_same_run(muon, "muon");
  TrainerOptions recomputing = torch_options("");
  recomputing.recomputes_activations = true;
  expect_same_run(recomputing, "recomputing");
  TrainerOptions lora = torch_adapter_options("");
  expect_same_run(lora, "lora");
  lora.recomputes_activations = true;
  expect_same_run(lora, "lora_recomputing");
}

TEST(TorchEngine, ResumptionIsExact) {
  TrainerOptions whole = torch_options("whole");
  use_torch(whole);
  const TrainedOutcome expected = trained_outcome(whole);
  TrainerOptions stopped = torch_options("stopped");
  use_torch(stopped);
  stop_after(stopped, 5);
  stopped.is_resuming = true;
  const TrainedOutcome found = trained_outcome(stopped);
  EXPECT_TRUE(found.result.is_finished);
  expect_same_state(found.state, expected.state);
}

// A run of another device is not continued: its numbers differ in the last bits.
TEST(TorchEngine, ANativeRunIsNotContinued) {
  TrainerOptions options = torch_options("device");
  trained_outcome(options);
  options.is_resuming = true;
  use_torch(options);
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const Result<TrainingResult> result =
      train_model(config, std::vector<float>(static_cast<size_t>(config.num_parameters())),
                  counting_set(kTorchVocabSize), options);
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
