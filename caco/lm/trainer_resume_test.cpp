// A training that is stopped, killed, or out of disk goes on from its last state, to the same
// bytes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

TEST(Trainer, StoppedAndResumedGivesTheSameBytes) {
  TrainerOptions whole = tiny_options("whole");
  whole.optimizer = Optimizer::Muon;  // it uses both kinds of moments
  ASSERT_TRUE(train(whole).ok());
  for (const int64_t stop_after : {1, 5, 9}) {
    TrainerOptions parts = whole;
    parts.output_directory = fresh_directory("trainer_parts");
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

TEST(Trainer, AdapterIsResumedBitByBit) {
  const TrainerOptions whole = adapter_options("lora_whole");
  ASSERT_TRUE(train(whole).ok());
  TrainerOptions parts = adapter_options("lora_parts");
  parts.is_resuming = true;
  int64_t steps = 0;
  parts.should_stop = [&steps] {
    return ++steps == 7;
  };
  EXPECT_FALSE(train(parts).value().is_finished);
  EXPECT_TRUE(train(parts).value().is_finished);
  expect_same_state(state_of(whole), state_of(parts));
  // Another base is another run.
  const ModelConfig config = trainer_config();
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

}  // namespace
}  // namespace caco::lm
