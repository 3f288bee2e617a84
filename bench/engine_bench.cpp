// What the engine itself costs: a million samples through a source and no-op stages. Prints
// microseconds a sample, step and core, and the peak of resident memory, which must not grow with
// the number of samples.
//
//   engine_bench [NUM_SAMPLES] [THREADS] [FOLDER]      default: 1000000, all cores, a temporary
//   folder
//
// The sample is of the size that the method has: a question, a program, an execution, a solution,
// about 1.5 kB encoded.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "caco/pipeline/run.h"

namespace {

using namespace caco;  // NOLINT(google-build-using-namespace): a program of its own

constexpr int64_t kShardSize = 5000;
constexpr int64_t kBatchSize = 250;
constexpr int64_t kNumStages = 2;

Sample make_sample(int64_t index) {
  const std::string number = std::to_string(index);
  Sample sample;
  sample.id = make_sample_id("", "bench", index);
  sample.origin = Origin::Generated;
  sample.program.emplace();
  sample.program->text =
      "def solve(trays, rolls):\n    total = trays * rolls\n    left = total - 5\n    half = left "
      "// "
      "2\n    return half\n\ninput = {\"trays\": " +
      number + ", \"rolls\": 6}\noutput = solve(**input)\nprint(output)\n";
  sample.program->made_by = "generator";
  sample.execution.emplace();
  sample.execution->verdict = ExecutionVerdict::Ok;
  sample.execution->inputs = {{"trays", number}, {"rolls", "6"}};
  sample.execution->input_value = {{"trays", index}, {"rolls", 6}};
  sample.execution->output_repr = number;
  sample.execution->output_value = index;
  sample.execution->stdout_text = number + "\n";
  sample.execution->facts.effective_lines = 8;
  sample.execution->facts.input_names = {"trays", "rolls"};
  sample.execution->facts.normal_form = sample.program->text;
  sample.execution->facts.structure = "0123456789abcdef0123456789abcdef";
  sample.problem = Problem{"A baker has " + number +
                               " trays with 6 rolls each. Five rolls are sold, and half of the "
                               "others are given away. How many are given away?",
                           "reverser"};
  sample.solutions = {
      {"There are " + number + " * 6 rolls.\nAfter selling 5, some are left.\n#### " + number,
       number, "stop"}};
  return sample;
}

class BenchSource final : public Source {
 public:
  BenchSource(int64_t total, int64_t num_threads) : total_(total), num_threads_(num_threads) {}
  std::string_view name() const override { return "bench"; }
  StageParts parts() const override { return {{}, {Part::Program}}; }
  std::string fingerprint() const override { return "bench"; }
  Result<int64_t> total() const override { return total_; }
  int64_t batch_size() const override { return kBatchSize; }
  int64_t num_concurrent_batches() const override { return num_threads_; }
  Result<Batch> make(int64_t first, int64_t count) const override {
    Batch batch;
    for (int64_t i = first; i < first + count; ++i)
      batch.push_back(make_sample(i));
    return batch;
  }

 private:
  int64_t total_;
  int64_t num_threads_;
};

class NoOpStage final : public Stage {
 public:
  explicit NoOpStage(int64_t num_threads) : num_threads_(num_threads) {}
  std::string_view name() const override { return "no-op"; }
  StageParts parts() const override { return {}; }
  std::string fingerprint() const override { return "no-op"; }
  int64_t batch_size() const override { return kBatchSize; }
  int64_t num_concurrent_batches() const override { return num_threads_; }
  Status process(Batch&) const override { return {}; }

 private:
  int64_t num_threads_;
};

double processor_seconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_megabytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t num_samples = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const int64_t num_threads =
      argc > 2 ? std::atoll(argv[2]) : static_cast<int64_t>(std::thread::hardware_concurrency());
  const std::filesystem::path root = argc > 3 ? std::filesystem::path(argv[3])
                                              : std::filesystem::temp_directory_path() /
                                                    ("engine_bench_" + std::to_string(getpid()));
  std::vector<Step> steps(1 + kNumStages);
  steps[0].folder = "01-bench";
  steps[0].work = std::unique_ptr<Source>(new BenchSource(num_samples, num_threads));
  for (int64_t i = 1; i <= kNumStages; ++i) {
    Step& step = steps[static_cast<size_t>(i)];
    step.folder = "0" + std::to_string(i + 1) + "-no-op";
    step.work = std::unique_ptr<Stage>(new NoOpStage(num_threads));
    step.inputs = {i - 1};
  }
  RunControls controls;
  controls.shard_size = kShardSize;
  const auto start = std::chrono::steady_clock::now();
  const auto results = run_steps(steps, RunDirectory(root), controls);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::filesystem::remove_all(root);
  if (!results.ok()) {
    std::fprintf(stderr, "engine_bench: %s\n", to_string(results.error()).c_str());
    return 1;
  }
  const auto passages = static_cast<double>(num_samples * (1 + kNumStages));
  std::printf("samples %lld  steps %lld  threads %lld  bytes a sample %zu\n",
              static_cast<long long>(num_samples), static_cast<long long>(1 + kNumStages),
              static_cast<long long>(num_threads), encode_sample(make_sample(num_samples)).size());
  std::printf("wall %.1f s  processor %.1f s\n", wall.count(), processor_seconds());
  std::printf("%.2f microseconds of processor a sample and step\n",
              processor_seconds() * 1e6 / passages);
  std::printf("peak of resident memory %.0f MB\n", peak_megabytes());
  return 0;
}
