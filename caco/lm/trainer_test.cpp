// Training as a whole: it learns, it repeats itself bit by bit.
#include "caco/lm/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

TEST(Trainer, LearnsATinySetByHeart) {
  const struct {
    Precision precision;
    Optimizer optimizer;
  } rows[] = {{Precision::Float32, Optimizer::AdamW},
              {Precision::BFloat16, Optimizer::AdamW},
              {Precision::Float32, Optimizer::Muon}};
  for (const auto& row : rows) {
    TrainerOptions options = tiny_options("heart");
    options.batches.epochs = 120;
    options.precision = row.precision;
    options.optimizer = row.optimizer;
    const TrainingResult result = train(options).value();
    EXPECT_TRUE(result.is_finished);
    EXPECT_EQ(result.num_steps, result.total_steps);
    EXPECT_LT(result.final_loss, 0.1);
    const Checkpoint model = load_checkpoint(options.output_directory).value();
    EXPECT_EQ(model.config.vocab_size, 32);
    EXPECT_EQ(model.config.torch_dtype, "bfloat16");
  }
}

void check_repeatable(Optimizer optimizer) {
  TrainerOptions first = tiny_options("first");
  first.optimizer = optimizer;
  TrainerOptions second = first;
  second.output_directory = fresh_directory("trainer_second");
  TrainerOptions other = first;
  other.output_directory = fresh_directory("trainer_other");
  other.batches.seed = 2;
  ASSERT_TRUE(train(first).ok() && train(second).ok() && train(other).ok());
  expect_same_state(state_of(first), state_of(second));
  EXPECT_EQ(read_file(fs::path(first.output_directory) / "model.safetensors").value(),
            read_file(fs::path(second.output_directory) / "model.safetensors").value());
  EXPECT_FALSE(is_same(state_of(first).parameters, state_of(other).parameters));
}

TEST(Trainer, SameSeedSameBytes) {
  check_repeatable(Optimizer::AdamW);
  check_repeatable(Optimizer::Muon);
}

TEST(Trainer, RecomputedActivationsGiveTheSameBytes) {
  for (const bool is_adapter : {false, true}) {
    TrainerOptions kept = is_adapter ? adapter_options("kept") : tiny_options("kept");
    TrainerOptions recomputed = kept;
    recomputed.output_directory = fresh_directory("trainer_recomputed");
    recomputed.recomputes_activations = true;
    ASSERT_TRUE(train(kept).ok() && train(recomputed).ok());
    expect_same_state(state_of(kept), state_of(recomputed));
  }
}

TEST(Trainer, ThreadsAgreeUpToRounding) {
  TrainerOptions one = tiny_options("one");
  one.precision = Precision::Float32;
  one.num_threads = 1;
  one.batches.epochs = 1;
  TrainerOptions three = one;
  three.output_directory = fresh_directory("trainer_three");
  three.num_threads = 3;
  ASSERT_TRUE(train(one).ok() && train(three).ok());
  const TrainingState a = state_of(one);
  const TrainingState b = state_of(three);
  for (size_t i = 0; i < a.recent_losses.size(); ++i) {
    EXPECT_NEAR(a.recent_losses[i], b.recent_losses[i], 1e-3) << i;
  }
}

TEST(Trainer, ReportsALossThatIsLost) {
  TrainerOptions options = tiny_options("lost");
  const ModelConfig config = trainer_config();
  std::vector<float> parameters = initialize_parameters(config, 1);
  parameters[3] = std::numeric_limits<float>::quiet_NaN();
  const Result<TrainingResult> result = train_model(config, parameters, counting_set(), options);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("not finite"), std::string::npos);
}

TEST(Trainer, LearningRateRisesAndFalls) {
  TrainerOptions options;
  options.learning_rate = 1.0;
  options.final_fraction = 0.1;
  options.warmup_fraction = 0.1;
  const struct {
    int64_t step;
    double time_progress;
    double expected;
  } rows[] = {{0, 0, 0.1},    {9, 0, 1.0},     {10, 0, 1.0},  {55, 0, 0.55},   {100, 0, 0.1},
              {55, 1.0, 0.1}, {20, 0.5, 0.55}, {5, 1.0, 0.6}, {1000, 2.0, 0.1}};
  for (const auto& row : rows) {
    EXPECT_NEAR(learning_rate_at(options, row.step, 100, row.time_progress), row.expected, 1e-9)
        << row.step << " " << row.time_progress;
  }
}

TEST(Trainer, EvaluatesHeldOutRecords) {
  TrainerOptions options = tiny_options("eval");
  TrainingSet held_out;
  held_out.add(std::vector<int32_t>{0, 1, 4, 9, 16, 25}, 1, {});
  options.evaluation = &held_out;
  options.eval_every_steps = 6;
  const TrainingResult result = train(options).value();
  EXPECT_GT(result.eval_loss, 0);
  const std::string metrics =
      read_file(fs::path(options.output_directory) / "metrics.jsonl").value();
  size_t count = 0;
  for (size_t at = metrics.find("eval_loss"); at != std::string::npos;
       at = metrics.find("eval_loss", at + 1)) {
    ++count;
  }
  const int64_t steps = result.num_steps;
  EXPECT_EQ(static_cast<int64_t>(count), steps / 6 + (steps % 6 == 0 ? 0 : 1));
  // Looking does not change what is learned.
  TrainerOptions blind = tiny_options("blind");
  ASSERT_TRUE(train(blind).ok());
  expect_same_state(state_of(blind), state_of(options));
  const std::string card = read_file(fs::path(options.output_directory) / "README.md").value();
  EXPECT_NE(card.find("held-out loss"), std::string::npos);
  EXPECT_TRUE(fs::exists(fs::path(options.output_directory) / "training.svg"));
}

TEST(Trainer, PassesOfAnySizeTakeTheSameSteps) {
  TrainerOptions large = tiny_options("large_passes");
  large.precision = Precision::Float32;
  large.pack_tokens = 1 << 20;
  large.num_threads = 1;
  TrainerOptions small = large;
  small.output_directory = fresh_directory("trainer_small_passes");
  small.pack_tokens = 1;
  ASSERT_TRUE(train(large).ok() && train(small).ok());
  const TrainingState a = state_of(large);
  const TrainingState b = state_of(small);
  ASSERT_EQ(a.recent_losses.size(), b.recent_losses.size());
  for (size_t i = 0; i < a.recent_losses.size(); ++i)
    EXPECT_NEAR(a.recent_losses[i], b.recent_losses[i], 1e-3) << i;
}

}  // namespace
}  // namespace caco::lm
