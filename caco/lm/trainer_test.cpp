// Training as a whole: it learns, it repeats itself bit by bit, it survives being stopped.
#include "caco/lm/trainer.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "caco/base/file.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/training_state.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

ModelConfig tiny_config() {
  ModelConfig config;
  config.vocab_size = 32;
  config.hidden_size = 32;
  config.intermediate_size = 64;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 2;
  config.num_key_value_heads = 2;
  config.head_dim = 16;
  config.tie_word_embeddings = true;
  return config;
}

// Sequences that count up from the prompt's number: the completion follows from the prompt.
TrainingSet counting_set() {
  TrainingSet set;
  for (int32_t first = 0; first < 24; ++first) {
    std::vector<int32_t> tokens;
    for (int32_t i = 0; i < 5 + first % 7; ++i)
      tokens.push_back((first + i * i) % 32);
    set.add(tokens, 1 + first % 3, {});
  }
  return set;
}

std::string fresh_directory(const std::string& name) {
  const std::string path = testing::TempDir() + "/trainer_test_" + name;
  fs::remove_all(path);
  return path;
}

TrainerOptions tiny_options(const std::string& name) {
  TrainerOptions options;
  options.output_directory = fresh_directory(name);
  options.batches.batch_tokens = 60;
  options.batches.epochs = 6;
  options.pack_tokens = 24;
  options.learning_rate = 5e-3;
  return options;
}

Result<TrainingResult> train(const TrainerOptions& options) {
  const ModelConfig config = tiny_config();
  return train_model(config, initialize_parameters(config, 1), counting_set(), options);
}

TrainingState state_of(const TrainerOptions& options) {
  return load_training_state(training_state_path(options.output_directory)).value();
}

bool is_same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void expect_same_state(const TrainingState& a, const TrainingState& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.num_tokens, b.num_tokens);
  EXPECT_EQ(a.recent_losses, b.recent_losses);
  EXPECT_TRUE(is_same(a.parameters, b.parameters));
  EXPECT_TRUE(is_same(a.moment1, b.moment1));
  EXPECT_TRUE(is_same(a.moment2, b.moment2));
}

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
  second.output_directory = fresh_directory("second");
  TrainerOptions other = first;
  other.output_directory = fresh_directory("other");
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

TEST(Trainer, ThreadsAgreeUpToRounding) {
  TrainerOptions one = tiny_options("one");
  one.precision = Precision::Float32;
  one.num_threads = 1;
  one.batches.epochs = 1;
  TrainerOptions three = one;
  three.output_directory = fresh_directory("three");
  three.num_threads = 3;
  ASSERT_TRUE(train(one).ok() && train(three).ok());
  const TrainingState a = state_of(one);
  const TrainingState b = state_of(three);
  for (size_t i = 0; i < a.recent_losses.size(); ++i) {
    EXPECT_NEAR(a.recent_losses[i], b.recent_losses[i], 1e-3) << i;
  }
}

TEST(Trainer, StoppedAndResumedGivesTheSameBytes) {
  TrainerOptions whole = tiny_options("whole");
  whole.optimizer = Optimizer::Muon;  // it uses both kinds of moments
  ASSERT_TRUE(train(whole).ok());
  for (const int64_t stop_after : {1, 5, 9}) {
    TrainerOptions parts = whole;
    parts.output_directory = fresh_directory("parts");
    parts.is_resuming = true;
    int64_t runs = 0;
    bool is_finished = false;
    while (!is_finished) {
      ASSERT_LT(++runs, 60);
      int64_t steps = 0;
      parts.should_stop = [&steps, stop_after] {
        return ++steps == stop_after;
      };
      is_finished = train(parts).value().is_finished;
    }
    EXPECT_GT(runs, 2);
    expect_same_state(state_of(whole), state_of(parts));
  }
}

// A kill in the middle of a checkpoint leaves the one before; the run goes on from there.
TEST(Trainer, KilledWhileSavingIsResumed) {
  const TrainerOptions whole = tiny_options("whole");
  ASSERT_TRUE(train(whole).ok());
  TrainerOptions killed = tiny_options("killed");
  killed.is_resuming = true;
  killed.num_threads = 2;
  killed.checkpoint_every_seconds = 1e-9;  // after every step
  for (const int64_t writes : {1, 3, 8, 17, 40}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      set_write_fault(WriteFault::Kill, writes);
      ::_exit(train(killed).ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  }
  ASSERT_TRUE(train(killed).value().is_finished);
  expect_same_state(state_of(whole), state_of(killed));
}

TEST(Trainer, RefusesTheStateOfAnotherRun) {
  TrainerOptions options = tiny_options("another");
  ASSERT_TRUE(train(options).ok());
  options.is_resuming = true;
  EXPECT_TRUE(train(options).value().is_finished);  // done already: nothing left to do
  options.learning_rate *= 2;
  const Result<TrainingResult> refused = train(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("other data or options"), std::string::npos);
  const std::string path = training_state_path(options.output_directory);
  ASSERT_TRUE(write_file_atomic(path, "nonsense").ok());
  EXPECT_FALSE(train(options).ok());
}

TEST(Trainer, ReportsALossThatIsLost) {
  TrainerOptions options = tiny_options("lost");
  const ModelConfig config = tiny_config();
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

TEST(Trainer, FullDiskIsAnErrorAndLeavesTheLastState) {
  TrainerOptions options = tiny_options("full");
  options.checkpoint_every_seconds = 1e-9;
  set_write_fault(WriteFault::DiskFull, 14);
  const Result<TrainingResult> result = train(options);
  set_write_fault(WriteFault::None, 0);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::ResourceExhausted);
  EXPECT_GT(state_of(options).step, 0);
}

TrainerOptions lora_options(const std::string& name) {
  TrainerOptions options = tiny_options(name);
  options.precision = Precision::Float32;
  options.learning_rate = 2e-2;
  options.lora.rank = 8;
  options.lora.alpha = 16;
  options.lora.target_modules = {"all-linear"};
  options.lora_base = "base";
  return options;
}

TEST(Trainer, AdapterLearnsAndIsMerged) {
  TrainerOptions options = lora_options("lora");
  options.batches.epochs = 150;
  options.merges_lora = true;
  // The embedding is frozen and is the output too, so it must be large enough for sure answers.
  ModelConfig config = tiny_config();
  config.initializer_range = 0.3;
  const std::vector<float> base = initialize_parameters(config, 1);
  const TrainingResult result = train_model(config, base, counting_set(), options).value();
  EXPECT_LT(result.final_loss, 0.3);
  const fs::path output(options.output_directory);
  const LoraAdapter adapter = read_lora_adapter((output / "adapter").string()).value();
  EXPECT_EQ(adapter.config.r, 8);
  EXPECT_EQ(adapter.config.base_model_name_or_path, "base");
  EXPECT_EQ(adapter.pairs.size(), 14u);
  EXPECT_EQ(state_of(options).parameters.size(), state_of(options).moment1.size());
  // The merged model is the base with the adapter added, up to its bfloat16.
  const ParameterLayout layout(config);
  Weights expected = unflatten_weights(layout, base);
  ASSERT_TRUE(merge_adapter(expected, adapter).ok());
  const Checkpoint merged = load_checkpoint(options.output_directory).value();
  double worst = 0;
  for (const auto& [name, weight] : expected) {
    for (size_t i = 0; i < weight.values.size(); ++i) {
      const double value = static_cast<double>(weight.values[i]);
      const double found = static_cast<double>(merged.weights.at(name).values[i]);
      worst = std::max(worst, std::fabs(found - value) / (std::fabs(value) + 1e-3));
    }
  }
  EXPECT_LT(worst, 0.005);
}

TEST(Trainer, AdapterAloneIsAFolderOfPeft) {
  const TrainerOptions options = lora_options("peft");
  ASSERT_TRUE(train(options).ok());
  const fs::path output(options.output_directory);
  EXPECT_TRUE(fs::exists(output / "adapter_config.json"));
  EXPECT_TRUE(fs::exists(output / "adapter_model.safetensors"));
  EXPECT_FALSE(fs::exists(output / "model.safetensors"));
  const std::string card = read_file(output / "README.md").value();
  EXPECT_NE(card.find("library_name: peft"), std::string::npos);
  TrainerOptions bad = options;
  bad.lora.target_modules = {"k_prj"};
  EXPECT_NE(train(bad).error().message.find("k_prj"), std::string::npos);
}

TEST(Trainer, AdapterIsResumedBitByBit) {
  const TrainerOptions whole = lora_options("lora_whole");
  ASSERT_TRUE(train(whole).ok());
  TrainerOptions parts = lora_options("lora_parts");
  parts.is_resuming = true;
  int64_t steps = 0;
  parts.should_stop = [&steps] {
    return ++steps == 7;
  };
  EXPECT_FALSE(train(parts).value().is_finished);
  EXPECT_TRUE(train(parts).value().is_finished);
  expect_same_state(state_of(whole), state_of(parts));
  // Another base is another run.
  const ModelConfig config = tiny_config();
  EXPECT_FALSE(train_model(config, initialize_parameters(config, 2), counting_set(), parts).ok());
}

TEST(Trainer, KeepsTheLastCheckpoints) {
  TrainerOptions options = tiny_options("checkpoints");
  options.save_every_steps = 4;
  options.save_total_limit = 2;
  const int64_t num_steps = train(options).value().num_steps;
  std::vector<std::string> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(options.output_directory)) {
    if (entry.is_directory()) folders.push_back(entry.path().filename().string());
  }
  std::sort(folders.begin(), folders.end());
  const int64_t last = num_steps / 4 * 4;
  std::vector<std::string> expected = {"checkpoint-" + std::to_string(last - 4),
                                       "checkpoint-" + std::to_string(last)};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(folders, expected);
  const fs::path newest =
      fs::path(options.output_directory) / ("checkpoint-" + std::to_string(last));
  EXPECT_TRUE(load_checkpoint(newest.string()).ok());
  EXPECT_EQ(load_training_state(training_state_path(newest.string())).value().step, last);
}

// The latest state that is whole is used, wherever it lies.
TEST(Trainer, DamagedStatesArePassedOver) {
  const TrainerOptions whole = tiny_options("undamaged");
  ASSERT_TRUE(train(whole).ok());
  TrainerOptions options = tiny_options("damaged");
  options.save_every_steps = 5;
  int64_t steps = 0;
  options.should_stop = [&steps] {
    return ++steps == 12;
  };
  ASSERT_FALSE(train(options).value().is_finished);
  const std::string path = training_state_path(options.output_directory);
  std::string bytes = read_file(path).value();
  bytes[bytes.size() - 9] = static_cast<char>(bytes[bytes.size() - 9] ^ 1);  // of a moment
  ASSERT_TRUE(write_file_atomic(path, bytes).ok());
  EXPECT_EQ(load_training_state(path).error().code, ErrorCode::DataLoss);
  fs::create_directories(fs::path(options.output_directory) / ".checkpoint-9.tmp-1-1");
  options.is_resuming = true;
  ASSERT_TRUE(train(options).value().is_finished);
  expect_same_state(state_of(whole), state_of(options));
  EXPECT_FALSE(fs::exists(fs::path(options.output_directory) / ".checkpoint-9.tmp-1-1"));
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
  small.output_directory = fresh_directory("small_passes");
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
