#include "caco/model/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "caco/base/file.h"

namespace caco {
namespace {

// Answers with the prompt and the number of the answer; fails on the prompt "fail".
class CountingModel final : public LanguageModel {
 public:
  explicit CountingModel(std::atomic<int64_t>& num_asked, std::string name = "counting")
      : num_asked_(num_asked), name_(std::move(name)) {}

  Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) override {
    return complete_observed(requests, [](size_t, const ModelReply&) {});
  }
  Result<std::vector<ModelReply>> complete_observed(std::span<const ModelRequest> requests,
                                                    const ReplyObserver& observer) override {
    std::vector<ModelReply> replies;
    for (const ModelRequest& request : requests) {
      if (request.prompt == "fail") return Error{ErrorCode::Unavailable, "dead", ""};
      ModelReply reply;
      if (request.prompt != "too long") {
        reply.choices = {{request.prompt + "\n\"" + std::to_string(num_asked_), "stop"}};
      }
      reply.prompt_tokens = 2;
      ++num_asked_;
      observer(replies.size(), reply);
      replies.push_back(std::move(reply));
    }
    return replies;
  }
  std::string identity() const override { return name_; }

 private:
  std::atomic<int64_t>& num_asked_;
  const std::string name_;
};

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(testing::TempDir()) /
            ("journal_test_" + std::to_string(::getpid())) / "j.jsonl";
    std::filesystem::remove_all(path_.parent_path());
  }
  void TearDown() override { std::filesystem::remove_all(path_.parent_path()); }

  std::unique_ptr<LanguageModel> open(std::string name = "counting") {
    return make_journaled_model(std::make_unique<CountingModel>(num_asked_, std::move(name)), path_)
        .value();
  }
  static Result<std::vector<ModelReply>> ask(LanguageModel& model,
                                             const std::vector<std::string>& prompts) {
    std::vector<ModelRequest> requests;
    for (const std::string& prompt : prompts) {
      requests.emplace_back();
      requests.back().prompt = prompt;
    }
    return model.complete(requests);
  }
  static std::string text_of(const ModelReply& reply) {
    return reply.choices.empty() ? "-" : reply.choices[0].text;
  }

  std::filesystem::path path_;
  std::atomic<int64_t> num_asked_{0};
};

TEST_F(JournalTest, NothingIsAskedTwice) {
  std::string first;
  {
    const auto model = open();
    first = text_of(ask(*model, {"a", "b", "a", "too long"}).value()[0]);
    EXPECT_EQ(num_asked_, 3);
    EXPECT_EQ(text_of(ask(*model, {"a"}).value()[0]), first);
    EXPECT_EQ(num_asked_, 3);
  }
  const auto model = open();
  const std::vector<ModelReply> replies = ask(*model, {"c", "a", "too long"}).value();
  EXPECT_EQ(num_asked_, 4);
  EXPECT_EQ(text_of(replies[1]), first);
  EXPECT_EQ(replies[1].prompt_tokens, 2);
  EXPECT_TRUE(replies[2].choices.empty());
}

TEST_F(JournalTest, EveryFieldOfTheRequestAndTheIdentityCount) {
  const ModelRequest base;
  std::vector<std::string> keys = {journal_key("m", base), journal_key("n", base)};
  const auto add = [&](const std::function<void(ModelRequest&)>& change) {
    ModelRequest changed;
    change(changed);
    keys.push_back(journal_key("m", changed));
  };
  add([](ModelRequest& r) { r.prompt = "x"; });
  add([](ModelRequest& r) { r.messages = {{"user", "x"}}; });
  add([](ModelRequest& r) { r.messages = {{"system", "x"}}; });
  add([](ModelRequest& r) { r.num_choices = 2; });
  add([](ModelRequest& r) { r.max_tokens = 2; });
  add([](ModelRequest& r) { r.temperature = 0.5; });
  add([](ModelRequest& r) { r.top_p = 0.5; });
  add([](ModelRequest& r) { r.top_k = 5; });
  add([](ModelRequest& r) { r.min_p = 0.5; });
  add([](ModelRequest& r) { r.stop = {"x"}; });
  add([](ModelRequest& r) { r.seed = 5; });
  add([](ModelRequest& r) { r.calculator = true; });
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
}

TEST_F(JournalTest, AnswersBeforeAnErrorAreKept) {
  {
    const auto model = open();
    const auto replies = ask(*model, {"a", "b", "fail", "c"});
    ASSERT_FALSE(replies.ok());
    EXPECT_EQ(replies.error().message, "dead");
  }
  const auto model = open();
  EXPECT_TRUE(ask(*model, {"a", "b"}).ok());
  EXPECT_EQ(num_asked_, 2);
}

TEST_F(JournalTest, AFileCutAnywhereStillWorks) {
  std::vector<ModelReply> expected;
  {
    const auto model = open();
    expected = ask(*model, {"a", "b", "c"}).value();
  }
  const std::string whole = read_file(path_).value();
  for (size_t size = 0; size <= whole.size(); size += size + 3 < whole.size() ? 3u : 1u) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    num_asked_ = 0;
    {
      // What was lost is asked again, and then everything is there.
      const auto model = open();
      ASSERT_TRUE(ask(*model, {"a", "b", "c"}).ok()) << size;
      const auto complete_lines =
          std::count(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size), '\n');
      EXPECT_EQ(num_asked_, 3 - std::max<int64_t>(complete_lines - 1, 0)) << size;
    }
    const auto replayed = make_recorded_model(path_).value();
    EXPECT_TRUE(ask(*replayed, {"a", "b", "c"}).ok()) << size;
  }
}

TEST_F(JournalTest, ADamagedLineIsAskedAgain) {
  {
    const auto model = open();
    ASSERT_TRUE(ask(*model, {"a", "b", "c"}).ok());
  }
  std::string text = read_file(path_).value();
  size_t line = text.find('\n') + 1;
  text[line + 60] = '\x01';  // inside a reply
  line = text.find('\n', line) + 1;
  text.replace(line, text.find('\n', line) - line, "rubbish");  // a whole line
  ASSERT_TRUE(write_file_atomic(path_, text).ok());
  num_asked_ = 0;
  {
    const auto model = open();
    ASSERT_TRUE(ask(*model, {"a", "b", "c"}).ok());
    EXPECT_EQ(num_asked_, 2);
  }
  const auto model = open();
  ASSERT_TRUE(ask(*model, {"a", "b", "c"}).ok());
  EXPECT_EQ(num_asked_, 2);
}

TEST_F(JournalTest, ReplaysWithoutTheModelAndNamesWhatIsMissing) {
  std::vector<ModelReply> expected;
  {
    const auto model = open();
    expected = ask(*model, {"a", "b"}).value();
  }
  const auto model = make_recorded_model(path_).value();
  EXPECT_EQ(model->identity(), "counting");
  EXPECT_EQ(text_of(ask(*model, {"b"}).value()[0]), text_of(expected[1]));
  const auto missing = ask(*model, {"a", "something new"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_NE(missing.error().message.find("something new"), std::string::npos);
  EXPECT_EQ(num_asked_, 2);
}

TEST_F(JournalTest, ReplaysTheLastIdentity) {
  ASSERT_TRUE(ask(*open("one"), {"a"}).ok());
  ASSERT_TRUE(ask(*open("two"), {"a"}).ok());
  EXPECT_EQ(num_asked_, 2);
  EXPECT_EQ(make_recorded_model(path_).value()->identity(), "two");
}

TEST_F(JournalTest, MissingOrForeignFilesAreErrors) {
  EXPECT_EQ(make_recorded_model(path_).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(write_file_atomic(path_, "{\"hello\":1}\n").ok());
  EXPECT_EQ(make_recorded_model(path_).error().code, ErrorCode::DataLoss);
  const auto model = open();
  const auto second = make_journaled_model(nullptr, path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
}

TEST_F(JournalTest, ConcurrentCallersGetTheSameReply) {
  const auto model = open();
  std::vector<std::string> texts(8);
  std::vector<std::thread> callers;
  callers.reserve(texts.size());
  for (std::string& text : texts) {
    callers.emplace_back([&] { text = text_of(ask(*model, {"a", "b"}).value()[1]); });
  }
  for (std::thread& caller : callers)
    caller.join();
  for (const std::string& text : texts)
    EXPECT_EQ(text, texts[0]);
}

TEST_F(JournalTest, AFullDiskIsAnErrorAndLeavesWholeLines) {
  const auto model = open();
  ASSERT_TRUE(ask(*model, {"a"}).ok());
  // A file size limit stands for a full disk: the write stops in the middle of a line.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = std::filesystem::file_size(path_) + 20;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto replies = ask(*model, {"b"});
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(replies.ok());
  const std::string text = read_file(path_).value();
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_TRUE(ask(*model, {"a", "b"}).ok());
}

}  // namespace
}  // namespace caco
