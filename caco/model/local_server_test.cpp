#include "caco/model/local_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "caco/base/environment.h"
#include "caco/base/file.h"
#include "caco/model/local_trainer.h"

namespace caco {
namespace {

class LocalModelTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("local_server_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write_checkpoint(const std::string& behaviour) const {
    ASSERT_TRUE(write_file_atomic(folder_ / "model" / "config.json",
                                  "{\"behaviour\":\"" + behaviour + "\"}")
                    .ok());
  }
  LocalServerOptions options() const {
    LocalServerOptions options;
    options.program = CACO_TEST_LM_PROGRAM;
    options.checkpoint = folder_ / "model";
    options.start_timeout_ms = 20'000;
    return options;
  }
  static Result<std::string> ask(LanguageModel& model, const std::string& prompt = "hello") {
    ModelRequest request;
    request.prompt = prompt;
    const std::vector<ModelReply> replies = TRY(model.complete({&request, 1}));
    return replies[0].choices[0].text;
  }
  static bool is_alive(const std::string& pid_text) {
    return ::kill(std::atoi(pid_text.c_str() + 4), 0) == 0;
  }

  std::filesystem::path folder_;
};

TEST_F(LocalModelTest, StartsAtTheFirstRequestAndStopsAtTheEnd) {
  write_checkpoint("good");
  std::string server;
  {
    const auto model = make_local_model(options());
    server = ask(*model).value();
    EXPECT_TRUE(server.starts_with("pid ")) << server;
    EXPECT_EQ(ask(*model).value(), server);
    EXPECT_TRUE(is_alive(server));
  }
  EXPECT_FALSE(is_alive(server));
}

TEST_F(LocalModelTest, ServesCallersFromThreadsThatEnd) {
  write_checkpoint("good");
  const auto model = make_local_model(options());
  std::vector<std::string> servers(4);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::thread> callers;
    callers.reserve(servers.size());
    for (std::string& server : servers) {
      callers.emplace_back([&] { server = ask(*model).value(); });
    }
    for (std::thread& caller : callers)
      caller.join();
  }
  for (const std::string& server : servers)
    EXPECT_EQ(server, servers[0]);
}

TEST_F(LocalModelTest, ANewCheckpointGetsANewServerAndAnotherIdentity) {
  write_checkpoint("good");
  const auto model = make_local_model(options());
  const std::string before = ask(*model).value();
  const std::string identity = model->identity();
  ASSERT_TRUE(write_file_atomic(folder_ / "model" / "model.safetensors", "weights").ok());
  EXPECT_NE(model->identity(), identity);
  EXPECT_NE(ask(*model).value(), before);
  EXPECT_FALSE(is_alive(before));
}

TEST_F(LocalModelTest, IdentityIsThatOfTheFilesNotOfTheFolder) {
  EXPECT_EQ(checkpoint_identity(folder_ / "model"), "absent");
  write_checkpoint("good");
  const std::string identity = checkpoint_identity(folder_ / "model");
  EXPECT_EQ(identity.size(), 32u);
  std::filesystem::copy(folder_ / "model", folder_ / "copy",
                        std::filesystem::copy_options::recursive);
  EXPECT_EQ(checkpoint_identity(folder_ / "copy"), identity);
  ASSERT_TRUE(write_file_atomic(folder_ / "copy" / "training_log.jsonl", "{}").ok());
  EXPECT_EQ(checkpoint_identity(folder_ / "copy"), identity);
  ASSERT_TRUE(write_file_atomic(folder_ / "copy" / "tokenizer.json", "{}").ok());
  EXPECT_NE(checkpoint_identity(folder_ / "copy"), identity);
}

TEST_F(LocalModelTest, StopsWhenIdleAndStartsAgain) {
  write_checkpoint("good");
  LocalServerOptions fast = options();
  fast.stop_when_idle_ms = 50;
  const auto model = make_local_model(fast);
  const std::string first = ask(*model).value();
  for (int i = 0; i < 500 && is_alive(first); ++i)
    ::usleep(10'000);
  EXPECT_FALSE(is_alive(first));
  EXPECT_NE(ask(*model).value(), first);
}

TEST_F(LocalModelTest, FailuresSayWhatHappened) {
  struct Row {
    std::string behaviour;
    ErrorCode code;
    std::string says;
  };
  const Row rows[] = {
      {"exits", ErrorCode::Unavailable, "cannot read the weights"},
      {"no port", ErrorCode::Unavailable, "not ready within 300 ms"},
      {"unhealthy", ErrorCode::Unavailable, "not ready within 300 ms"},
  };
  for (const Row& row : rows) {
    write_checkpoint(row.behaviour);
    LocalServerOptions impatient = options();
    if (row.behaviour != "exits") impatient.start_timeout_ms = 300;
    const auto model = make_local_model(impatient);
    const Result<std::string> reply = ask(*model);
    ASSERT_FALSE(reply.ok()) << row.behaviour;
    EXPECT_EQ(reply.error().code, row.code) << row.behaviour;
    EXPECT_NE(reply.error().message.find(row.says), std::string::npos) << reply.error().message;
    EXPECT_FALSE(reply.error().hint.empty());
  }
}

TEST_F(LocalModelTest, ACrashIsAnErrorAndTheNextCallStartsAnew) {
  write_checkpoint("crashes");
  const auto model = make_local_model(options());
  const std::string first = ask(*model).value();
  const Result<std::string> reply = ask(*model, "crash");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::Unavailable);
  EXPECT_NE(reply.error().message.find("out of memory"), std::string::npos)
      << reply.error().message;
  EXPECT_NE(ask(*model).value(), first);
}

TEST_F(LocalModelTest, MissingCheckpointOrProgramIsNotFound) {
  const auto model = make_local_model(options());
  EXPECT_EQ(ask(*model).error().code, ErrorCode::NotFound);
  EXPECT_EQ(model->identity(), "absent");
  write_checkpoint("good");
  LocalServerOptions wrong = options();
  wrong.program = folder_ / "caco-lm";
  const Result<std::string> reply = ask(*make_local_model(wrong));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::NotFound);
  EXPECT_NE(reply.error().message.find("caco-lm"), std::string::npos);
}

TEST(LocalTrainerLine, ReadsWhatTheTrainerSays) {
  struct Row {
    std::string line;
    int64_t step, num_steps;
    double loss, rate;
  };
  const Row rows[] = {
      {"step 12/300  loss 1.2345  lr 4.0e-04  grad 0.8  5000 tokens/s  left 2 min", 12, 300, 1.2345,
       5000},
      {"finished after step 300/300, 9 tokens, 1 seconds, loss 0.5", 0, 0, 0, 0},
      {"resuming after step 12", 0, 0, 0, 0},
      {"step x/y loss", 0, 0, 0, 0},
      {"step", 0, 0, 0, 0},
      {"", 0, 0, 0, 0},
  };
  for (const Row& row : rows) {
    const TrainProgress progress = parse_train_line(row.line);
    EXPECT_EQ(progress.step, row.step) << row.line;
    EXPECT_EQ(progress.num_steps, row.num_steps) << row.line;
    EXPECT_DOUBLE_EQ(progress.loss, row.loss) << row.line;
    EXPECT_DOUBLE_EQ(progress.tokens_per_second, row.rate) << row.line;
    EXPECT_EQ(progress.line, row.line);
  }
}

class LocalTrainerTest : public LocalModelTest {
 protected:
  void SetUp() override {
    LocalModelTest::SetUp();
    ASSERT_TRUE(write_file_atomic(folder_ / "data.jsonl", "{}\n").ok());
    request_.base = folder_ / "model";
    request_.data = folder_ / "data.jsonl";
    request_.output = folder_ / "out";
    trainer_.program = CACO_TEST_LM_PROGRAM;
  }
  TrainRequest request_;
  LocalTrainer trainer_;
};

TEST_F(LocalTrainerTest, RelaysProgressAndMakesACheckpoint) {
  write_checkpoint("good");
  std::vector<TrainProgress> seen;
  const Status status = trainer_.train(
      request_, [&](const TrainProgress& progress) { seen.push_back(progress); },
      [] { return false; });
  ASSERT_TRUE(status.ok()) << to_string(status.error());
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[2].step, 3);
  EXPECT_DOUBLE_EQ(seen[2].loss, 1.0);
  EXPECT_TRUE(std::filesystem::exists(request_.output / "config.json"));
}

TEST_F(LocalTrainerTest, FailuresSayWhatHappened) {
  EXPECT_EQ(trainer_.train(request_, nullptr, nullptr).error().code, ErrorCode::NotFound);
  write_checkpoint("exits");
  const Status failed = trainer_.train(request_, nullptr, nullptr);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::Unavailable);
  EXPECT_NE(failed.error().message.find("the data is empty"), std::string::npos);
  write_checkpoint("stubborn");
  const Status stopped = trainer_.train(request_, nullptr, [] { return true; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  request_.data = folder_ / "absent.jsonl";
  EXPECT_EQ(trainer_.train(request_, nullptr, nullptr).error().code, ErrorCode::NotFound);
}

// The real program, where it has been built: CACO_LM is its path, CACO_LM_CHECKPOINT a checkpoint.
TEST(RealLocalModel, AnswersOverTheShippedProgram) {
  const std::string program = environment_variable("CACO_LM");
  const std::string checkpoint = environment_variable("CACO_LM_CHECKPOINT");
  if (program.empty() || checkpoint.empty()) {
    GTEST_SKIP() << "set CACO_LM to caco-lm and CACO_LM_CHECKPOINT to a checkpoint folder";
  }
  LocalServerOptions options;
  options.program = program;
  options.checkpoint = checkpoint;
  const auto model = make_local_model(options);
  std::vector<ModelRequest> requests(4);
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].prompt = "<|im_start|>program\n";
    requests[i].max_tokens = 32;
    requests[i].temperature = 1;
    requests[i].num_choices = 2;
    requests[i].seed = i;
  }
  const Result<std::vector<ModelReply>> first = model->complete(requests);
  ASSERT_TRUE(first.ok()) << to_string(first.error());
  const std::vector<ModelReply> second = model->complete(requests).value();
  for (size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(first.value()[i].choices.size(), 2u);
    EXPECT_EQ(first.value()[i].choices[0].text, second[i].choices[0].text);
    EXPECT_EQ(first.value()[i].choices[1].text, second[i].choices[1].text);
  }
}

}  // namespace
}  // namespace caco
