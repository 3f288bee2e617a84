// Training on several replicas of LibTorch's processor device: the steps of one device, sharded
// optimizer state, checkpoints that do not depend on the number of replicas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "caco/lm/torch/torch_engine.h"
#include "caco/lm/torch/torch_fixture.h"

namespace caco::lm {
namespace {

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

// Tolerances: AdamW divides by the gradient's size, so where that is next to nothing, the order of
// its sum shows in the weights.
void expect_near(const TrainedOutcome& found, const TrainedOutcome& expected,
                 double loss_tolerance = 2e-5, double weight_tolerance = 1e-4) {
  EXPECT_EQ(found.state.step, expected.state.step);
  ASSERT_EQ(found.state.recent_losses.size(), expected.state.recent_losses.size());
  ASSERT_FALSE(found.state.recent_losses.empty());
  for (size_t i = 0; i < found.state.recent_losses.size(); ++i) {
    EXPECT_NEAR(found.state.recent_losses[i], expected.state.recent_losses[i], loss_tolerance) << i;
  }
  EXPECT_NEAR(found.result.eval_loss, expected.result.eval_loss, loss_tolerance);
  EXPECT_LT(largest_difference(found.state.parameters, expected.state.parameters),
            weight_tolerance);
  EXPECT_LT(largest_difference(found.state.moment1, expected.state.moment1), weight_tolerance);
  EXPECT_LT(largest_difference(found.state.moment2, expected.state.moment2), weight_tolerance);
}

TEST(TorchReplicas, StepsAreThoseOfOneDevice) {
  TrainerOptions muon = torch_options("muon");
  muon.optimizer = Optimizer::Muon;
  TrainerOptions recomputing = torch_options("recomputing");
  recomputing.recomputes_activations = true;
  TrainerOptions uneven = torch_options("uneven");
  uneven.pack_tokens = 10;  // a document or two a pass
  TrainerOptions lora = torch_adapter_options("lora");
  lora.recomputes_activations = true;
  const struct {
    const char* name;
    TrainerOptions options;
    std::vector<int64_t> replicas;
  } rows[] = {
      {"adamw", torch_options("adamw"), {2, 3, 12}},  // 12: more than the documents of any step
      {"uneven", uneven, {2}},
      {"muon", muon, {2, 3}},
      {"recomputing", recomputing, {3}},
      {"lora", lora, {2}},
  };
  const TrainingSet held_out = counting_set(kTorchVocabSize);
  for (const auto& row : rows) {
    TrainerOptions options = row.options;
    options.evaluation = &held_out;
    use_torch(options);
    const TrainedOutcome expected = trained_outcome(options);
    for (const int64_t num_replicas : row.replicas) {
      const std::string name = row.name + ("_" + std::to_string(num_replicas));
      SCOPED_TRACE(name);
      options.output_directory = torch_options(name).output_directory;
      use_torch(options, num_replicas);
      expect_near(trained_outcome(options), expected);
    }
  }
}

TEST(TorchReplicas, BFloat16ProductsStayNear) {
  TrainerOptions options = torch_options("bfloat16_1");
  options.precision = Precision::BFloat16;
  use_torch(options);
  const TrainedOutcome expected = trained_outcome(options);
  options.output_directory = torch_options("bfloat16_2").output_directory;
  use_torch(options, 2);
  const TrainedOutcome found = trained_outcome(options);
  expect_near(found, expected, 0.05, 0.05);
  EXPECT_LT(found.state.recent_losses.back(), found.state.recent_losses.front() - 0.5);
}

// Run to run and through a checkpoint the same bytes; with another number of replicas the same
// training.
TEST(TorchReplicas, ResumptionTakesAnyNumberOfReplicas) {
  TrainerOptions whole = torch_options("two_whole");
  use_torch(whole, 2);
  const TrainedOutcome expected = trained_outcome(whole);
  const struct {
    int64_t before;
    int64_t after;
  } rows[] = {{2, 2}, {2, 1}, {1, 2}, {3, 2}};
  for (const auto& row : rows) {
    const std::string name = std::to_string(row.before) + "_to_" + std::to_string(row.after);
    SCOPED_TRACE(name);
    TrainerOptions options = torch_options(name);
    use_torch(options, row.before);
    stop_after(options, 5);
    use_torch(options, row.after);
    options.is_resuming = true;
    const TrainedOutcome found = trained_outcome(options);
    EXPECT_TRUE(found.result.is_finished);
    EXPECT_GT(found.state.step, 5);
    expect_near(found, expected);
    if (row.before == 2 && row.after == 2) expect_same_state(found.state, expected.state);
  }
}

// An engine with fresh weights on so many replicas.
struct EngineCase {
  EngineCase(const TrainerOptions& options, int64_t num_replicas)
      : config(small_config_of(ModelFamily::Qwen3)),
        engine(std::vector<Device>(to_size(num_replicas), Device{DeviceKind::TorchCpu, 0}), config,
               options, nullptr, {}) {
    state.parameters = initialize_parameters(config, 1);
    state.moment1.assign(state.parameters.size(), 0.0f);
    state.moment2.assign(state.parameters.size(), 0.0f);
    EXPECT_TRUE(engine.begin(state).ok());
  }

  const ModelConfig config;
  TrainingState state;
  TorchEngine engine;
};

TEST(TorchReplicas, EachHasItsPartOfTheState) {
  const TrainerOptions options = torch_options("state");
  const int64_t num_values = EngineCase(options, 1).engine.layout().size();
  for (const int64_t num_replicas : {1, 2, 3}) {
    const std::vector<int64_t> bytes = EngineCase(options, num_replicas).engine.num_state_bytes();
    ASSERT_EQ(static_cast<int64_t>(bytes.size()), num_replicas);
    int64_t sum = 0;
    for (const int64_t of_one : bytes) {
      sum += of_one;
      EXPECT_NEAR(static_cast<double>(of_one) / static_cast<double>(8 * num_values),
                  1.0 / static_cast<double>(num_replicas), 0.01);
    }
    EXPECT_EQ(sum, 8 * num_values);
  }
}

// The threads of several devices end before the error goes on.
TEST(TorchReplicas, AFailureOnOneOfThemIsAnError) {
  const TrainerOptions options = torch_options("failure");
  EngineCase one(options, 3);
  TrainingSet data;
  const std::vector<std::vector<int32_t>> rows = {
      {1, 2, 3, 4, 5, 6}, {1, 2, 3, kTorchVocabSize}, {1, 2, 3}};
  for (const std::vector<int32_t>& tokens : rows)
    data.add(tokens, 1, {});
  const std::vector<int64_t> documents = {0, 1, 2};
  const Result<StepOutcome> outcome = one.engine.run(one.state, data, documents, 1e-3);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::Internal);
  EXPECT_NE(outcome.error().message.find("LibTorch"), std::string::npos);
  ASSERT_TRUE(one.engine.write_back(one.state).ok());
  EXPECT_TRUE(is_same(one.state.parameters, initialize_parameters(one.config, 1)));
  const std::vector<int64_t> good = {0, 2};
  EXPECT_TRUE(one.engine.run(one.state, data, good, 1e-3).ok());
}

TEST(TorchReplicas, MissingGpusAreErrors) {
  for (const char* names : {"cuda:62,cuda:63", "cuda:63"}) {
    const Result<std::vector<Device>> found = find_torch_devices(parse_devices(names).value());
    ASSERT_FALSE(found.ok()) << names;
    EXPECT_EQ(found.error().code, ErrorCode::InvalidArgument);
    const std::string& message = found.error().message;
    EXPECT_TRUE(message.find("LibTorch sees") != std::string::npos ||
                message.find("has no CUDA") != std::string::npos)
        << message;
  }
  const Result<std::vector<Device>> replicas = find_torch_devices(parse_devices("cpu,cpu").value());
  ASSERT_TRUE(replicas.ok());
  EXPECT_EQ(replicas.value().size(), 2u);
}

}  // namespace
}  // namespace caco::lm
