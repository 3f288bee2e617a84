// The barriers (train, assemble, evaluate) and the seed source on small inputs in a temporary
// folder, with a trainer that is a shell script and models that answer from a script.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "caco/base/file.h"
#include "caco/stages/assemble.h"
#include "caco/stages/evaluate.h"
#include "caco/stages/list_source.h"
#include "caco/stages/scripted_model.h"
#include "caco/stages/seeds_source.h"
#include "caco/stages/train.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

// No program runs in these tests.
class NoSandbox final : public Sandbox {
 public:
  Result<Execution> run(const std::string&) override {
    return Error{ErrorCode::Internal, "no program runs here", ""};
  }
  std::vector<SandboxCheck> checks() const override { return {}; }
};

// A sample as it comes out of verify.
Sample verified(const std::string& id, Origin origin, const std::string& question) {
  Sample sample;
  sample.id = id;
  sample.origin = origin;
  if (origin == Origin::Seed) sample.seed = Seed{"mine", "f:1", "s1", question, "", "", "19"};
  sample.program = Program{"program of " + id + "\n", "generator"};
  sample.execution.emplace();
  sample.execution->verdict = ExecutionVerdict::Ok;
  sample.execution->facts.normal_form = "form of " + id;
  sample.execution->facts.structure = origin == Origin::Seed ? "s1" : "s2";
  sample.problem = Problem{question, "reverser"};
  sample.solutions = {{"wrong\n#### 1", "1", "stop"}, {"right\n#### 19", "19", "stop"}};
  sample.verification.emplace();
  sample.verification->num_solutions = 2;
  sample.verification->num_equal = 1;
  sample.verification->chosen = 1;
  sample.verification->consistency = "steps";
  return sample;
}

std::string read_text(const fs::path& path) {
  return read_file(path).value();
}

std::vector<Json> read_lines(const fs::path& path) {
  std::istringstream lines(read_text(path));
  std::vector<Json> parsed;
  std::string line;
  while (std::getline(lines, line))
    parsed.push_back(parse_json(line).value());
  return parsed;
}

class Barriers : public testing::Test {
 protected:
  Barriers() {
    fs::remove_all(root_);
    for (const char* name : {"step", "cache", "base"})
      fs::create_directories(root_ / name);
    write("base/config.json", "{}");
    workspace_.folder = root_ / "step";
    workspace_.cache_folder = root_ / "cache";
    workspace_.report_progress = [this](int64_t done, int64_t total, std::string_view) {
      EXPECT_LE(done, total);
      ++num_reports_;
    };
    workspace_.is_cancelled = [] {
      return false;
    };
    workspace_.emit = [](const Sample&) -> Status {
      ADD_FAILURE() << "these barriers emit nothing";
      return {};
    };
    trainer_.program = root_ / "trainer";
    write_trainer("");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(root_ / name, text).ok());
  }

  // A program that is called as caco-lm and does nothing but `more`.
  void write_trainer(const std::string& more) {
    write("trainer",
          "#!/bin/sh\n"
          "while [ $# -gt 0 ]; do case \"$1\" in --output) out=\"$2\";; esac; shift; done\n"
          "state=$out/training_state.safetensors\n" +
              more +
              "mkdir -p \"$out\" && echo '{}' > \"$out/config.json\" && echo ok > \"$state\"\n"
              "echo '{\"step\":1,\"loss\":2.5,\"seconds\":3.5}' > \"$out/metrics.jsonl\"\n"
              "echo 'step 1/2  loss 0.5000'\necho 'step 2/2  loss 0.2500'\n");
    fs::permissions(trainer_.program, fs::perms::owner_all);
  }

  const fs::path root_ =
      fs::temp_directory_path() / ("caco-barriers-" + std::to_string(::getpid()));
  Workspace workspace_;
  LocalTrainer trainer_;
  PromptSet prompts_ = builtin_prompts("embedded").value();
  int64_t num_reports_ = 0;
};

TEST_F(Barriers, TrainGeneratorLearnsEachProgramOnce) {
  TrainOptions options;
  options.base = root_ / "base";
  options.min_records = 2;
  Sample same = verified("c", Origin::Seed, "q3");
  same.execution->facts.normal_form = "form of a";
  const ListSource source(
      {verified("a", Origin::Seed, "q1"), verified("b", Origin::Seed, "q2"), same});
  const auto barrier = make_train_generator_barrier(options, trainer_, prompts_);
  const Status status = barrier->process(source, workspace_);
  ASSERT_TRUE(status.ok()) << to_string(status.error());
  const std::vector<Json> records = read_lines(root_ / "step/records.jsonl");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0]["completion"], "program of a");
  EXPECT_EQ(records[0]["prompt"], "<|im_start|>program\n");
  EXPECT_TRUE(fs::exists(root_ / "step/model/config.json"));
  EXPECT_FALSE(fs::exists(root_ / "step/model/training_state.safetensors"));
  EXPECT_EQ(read_text(root_ / "step/model/metrics.jsonl"), "{\"step\":1,\"loss\":2.5}\n");
  const Json report = parse_json(read_text(root_ / "step/training.json")).value();
  EXPECT_EQ(report["num_records"], 2);
  EXPECT_EQ(report["last_loss"], 0.25);
  EXPECT_GT(num_reports_, 0);
}

TEST_F(Barriers, TrainGeneratorNeedsEnoughRecords) {
  TrainOptions options;
  options.base = root_ / "base";
  options.min_records = 2;
  const auto barrier = make_train_generator_barrier(options, trainer_, prompts_);
  const Status status =
      barrier->process(ListSource({verified("a", Origin::Seed, "q")}), workspace_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message,
            "too few records to train the generator: 1, at least 2 are needed");
  EXPECT_NE(status.error().hint.find("filter-seeds"), std::string::npos);
}

TEST_F(Barriers, TrainingBeginsAgainWhenItsStateCannotBeContinued) {
  write_trainer("if [ -e \"$state\" ]; then echo 'another run' >&2; exit 1; fi\n");
  fs::create_directories(root_ / "cache/model");
  write("cache/model/training_state.safetensors", "old");
  TrainOptions options;
  options.base = root_ / "base";
  options.min_records = 1;
  const auto barrier = make_train_generator_barrier(options, trainer_, prompts_);
  EXPECT_TRUE(barrier->process(ListSource({verified("a", Origin::Seed, "q")}), workspace_).ok());
}

TEST_F(Barriers, StudentsSeeWhatTheyAreMeantTo) {
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    samples.push_back(verified(id, i % 4 == 0 ? Origin::Seed : Origin::Generated, "q" + id));
  }
  const ListSource source(samples);
  const struct {
    const char* data;
    double fraction;
    int64_t max_samples;
    size_t num_records;
    const char* completion;
  } rows[] = {
      {"seeds", 1, 0, 10, "right\n#### 19"},      {"generated", 1, 0, 30, "right\n#### 19"},
      {"verified", 1, 0, 40, "right\n#### 19"},   {"unverified", 1, 0, 40, "wrong\n#### 1"},
      {"verified", 0.5, 0, 20, "right\n#### 19"}, {"verified", 1, 7, 7, "right\n#### 19"},
  };
  for (const auto& row : rows) {
    StudentOptions options;
    options.data = row.data;
    options.fraction = row.fraction;
    options.max_samples = row.max_samples;
    options.train.base = root_ / "base";
    options.train.min_records = 1;
    fs::remove_all(root_ / "step/model");
    const auto barrier = make_train_student_barrier(options, trainer_, prompts_);
    ASSERT_TRUE(barrier->process(source, workspace_).ok()) << row.data;
    const std::vector<Json> records = read_lines(root_ / "step/records.jsonl");
    EXPECT_EQ(records.size(), row.num_records) << row.data;
    EXPECT_EQ(records[0]["completion"], row.completion) << row.data;
  }
}

TEST_F(Barriers, ASmallerFractionIsPartOfALargerOne) {
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(i);
    samples.push_back(verified(id, Origin::Generated, "q" + id));
  }
  std::string larger;
  for (const double fraction : {0.5, 0.25}) {
    StudentOptions options;
    options.fraction = fraction;
    options.train.base = root_ / "base";
    options.train.min_records = 1;
    fs::remove_all(root_ / "step/model");
    const auto barrier = make_train_student_barrier(options, trainer_, prompts_);
    ASSERT_TRUE(barrier->process(ListSource(samples), workspace_).ok());
    if (larger.empty()) {
      larger = read_text(root_ / "step/records.jsonl");
      continue;
    }
    for (const Json& record : read_lines(root_ / "step/records.jsonl")) {
      EXPECT_NE(larger.find(dump_json(record)), std::string::npos);
    }
  }
}

TEST_F(Barriers, AssembleWritesRowsWithLineage) {
  const ListSource source({verified("a", Origin::Seed, "How many?"),
                           verified("b", Origin::Generated, "How much?"),
                           verified("c", Origin::Generated, "how  many")});
  const auto write_documents =
      [](const DataSetSummary& summary) -> Result<std::vector<DataSetDocument>> {
    EXPECT_EQ(summary.first_rows.size(), 2U);
    return std::vector<DataSetDocument>{{"README.md", "# " + summary.name + "\n"}};
  };
  const auto barrier = make_assemble_barrier({}, write_documents);
  ASSERT_TRUE(barrier->process(source, workspace_).ok());
  const std::vector<Json> rows = read_lines(root_ / "step/dataset/train.jsonl");
  ASSERT_EQ(rows.size(), 2U);  // the third asks what the first asks
  EXPECT_EQ(rows[0]["instruction"], "How many?");
  EXPECT_EQ(rows[0]["output"], "right\n#### 19");
  EXPECT_EQ(rows[0]["answer"], "19");
  EXPECT_EQ(rows[0]["code"], "program of a\n");
  EXPECT_EQ(rows[0]["source"], "mine");
  EXPECT_EQ(rows[1]["origin"], "generated");
  const Json summary = parse_json(read_text(root_ / "step/dataset/summary.json")).value();
  EXPECT_EQ(summary["num_rows"], 2);
  EXPECT_EQ(summary["num_same_questions"], 1);
  EXPECT_EQ(summary["num_generated_structures"], 1);
  EXPECT_EQ(read_text(root_ / "step/dataset/README.md"), "# caco\n");
}

TEST_F(Barriers, EvaluateComparesModelsOnTheSameProblems) {
  write("problems.jsonl",
        "{\"id\": \"p1\", \"question\": \"2 + 2?\", \"answer\": 4}\n"
        "{\"question\": \"1 + 2?\", \"answer\": \"so <<1+2=3>>3\\n#### 3\"}\n"
        "{\"question\": \"f?\", \"answer\": \"5\"}\n");
  EvaluateOptions options;
  options.benchmarks.emplace_back();
  options.benchmarks[0].name = "sums";
  options.benchmarks[0].kind = "file";
  options.benchmarks[0].path = (root_ / "problems.jsonl").string();
  options.calls.num_concurrent_batches = 1;
  ScriptedModel base({{"#### 4"}, {"#### 7"}, {"#### 5", "length"}});
  ScriptedModel student({{"#### 4.0"}, {"#### 3"}, {"", "stop", /*is_refusal=*/true}});
  NoSandbox sandbox;
  const auto barrier = make_evaluate_barrier(options, {{"base", &base}, {"the student", &student}},
                                             sandbox, prompts_);
  const Status status = barrier->process(ListSource({}), workspace_);
  ASSERT_TRUE(status.ok()) << to_string(status.error());
  const Json report = parse_json(read_text(root_ / "step/evaluation.json")).value();
  const Json& found = report["benchmarks"][0];
  EXPECT_EQ(found["num_problems"], 3);
  EXPECT_EQ(found["models"][0]["correct"], 1);
  EXPECT_EQ(found["models"][0]["wrong"], 1);
  EXPECT_EQ(found["models"][0]["no_answer"], 1);
  EXPECT_EQ(found["models"][1]["correct"], 2);
  EXPECT_EQ(found["comparisons"][0]["model"], "the student");
  EXPECT_EQ(found["comparisons"][0]["p_value"], 1);
  const std::vector<Json> predictions = read_lines(root_ / "step/predictions-the-student.jsonl");
  ASSERT_EQ(predictions.size(), 3U);
  EXPECT_EQ(predictions[1]["answer"], "3");
  EXPECT_EQ(predictions[1]["verdict"], "correct");
  EXPECT_NE(read_text(root_ / "step/evaluation.md").find("| the student | 66.7 |"),
            std::string::npos);
  // All models are sampled with the same seeds.
  EXPECT_EQ(base.requests()[2].seed, student.requests()[2].seed);
  EXPECT_NE(base.requests()[1].seed, base.requests()[2].seed);
}

TEST_F(Barriers, BadBenchmarkLinesAreErrorsWithFileAndLine) {
  NoSandbox sandbox;
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"{\"question\": \"q\"}\n", "problems.jsonl:1: no \"answer\""},
      {"\n{\"answer\": \"q\"}\n", "problems.jsonl:2: no \"question\""},
      {"[1]\n", "problems.jsonl:1: not an object"},
      {"{\n", "problems.jsonl:1: not valid JSON"},
  };
  for (const auto& row : rows) {
    write("problems.jsonl", row.text);
    BenchmarkOptions options;
    options.kind = "file";
    options.path = (root_ / "problems.jsonl").string();
    const auto found = load_benchmark(options, sandbox);
    ASSERT_FALSE(found.ok()) << row.text;
    EXPECT_NE(found.error().message.find(row.message), std::string::npos) << found.error().message;
  }
}

TEST_F(Barriers, SeedsFollowEachOtherAndBadLinesAreKeptAside) {
  write("one.jsonl",
        "{\"question\": \"q1\", \"solution\": \"#### 1\"}\nnonsense\n"
        "{\"question\": \"q2\", \"solution\": \"#### 2\"}\n");
  write("two.jsonl", "{\"ask\": \"q3\", \"solution\": \"#### 3\"}\n");
  SeedsOptions options;
  options.sources.resize(2);
  options.sources[0].name = "one";
  options.sources[0].kind = "file";
  options.sources[0].path = (root_ / "one.jsonl").string();
  options.sources[0].count = 2;
  options.sources[1].name = "two";
  options.sources[1].kind = "file";
  options.sources[1].path = (root_ / "two.jsonl").string();
  options.sources[1].question = "ask";
  NoSandbox sandbox;
  const auto source = make_seeds_source(options, sandbox);
  ASSERT_EQ(source->total().value(), 3);
  const Batch all = source->make(0, 3).value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].seed->question, "q1");
  EXPECT_EQ(all[1].rejection->reason, RejectReason::UnreadableSeed);
  EXPECT_EQ(all[2].seed->question, "q3");
  EXPECT_EQ(all[2].seed->answer, "3");
  EXPECT_EQ(source->make(2, 1).value()[0].id, all[2].id);
  const std::string before = source->fingerprint();
  // Where a file lies does not count, what is in it does; nor how much is read of the last source.
  fs::rename(root_ / "two.jsonl", root_ / "moved.jsonl");
  options.sources[1].path = (root_ / "moved.jsonl").string();
  options.sources[1].count = 1;
  EXPECT_EQ(make_seeds_source(options, sandbox)->fingerprint(), before);
  options.sources[0].count = 1;
  EXPECT_NE(make_seeds_source(options, sandbox)->fingerprint(), before);
  options.sources[0].path = (root_ / "absent.jsonl").string();
  EXPECT_EQ(make_seeds_source(options, sandbox)->total().error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace caco
