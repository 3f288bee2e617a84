#include "caco/pipeline/test_steps.h"

#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "caco/base/file.h"
#include "caco/base/hash.h"

namespace caco::test {
namespace {

// Samples whose seed id is their number.
class NumberSource final : public Source {
 public:
  NumberSource(std::string name, int64_t total, int64_t num_threads, std::filesystem::path model)
      : name_(std::move(name)),
        total_(total),
        num_threads_(num_threads),
        model_(std::move(model)) {}
  std::string_view name() const override { return name_; }
  StageParts parts() const override { return {{}, {Part::Seed}}; }
  std::string fingerprint() const override {
    return model_.empty() ? name_ : name_ + " " + hash_hex(read_file(model_).value());
  }
  Result<int64_t> total() const override { return total_; }
  int64_t batch_size() const override { return 4; }
  int64_t num_concurrent_batches() const override { return num_threads_; }
  Result<Batch> make(int64_t first, int64_t count) const override {
    Batch batch;
    for (int64_t i = first; i < first + count; ++i) {
      Sample sample;
      sample.id = make_sample_id("", name_, i);
      sample.seed.emplace();
      sample.seed->seed_id = std::to_string(i);
      sample.seed->question = fmt::format("{} question {}", name_, i % 31);
      if (i % 17 == 5) sample.rejection = Rejection{RejectReason::UnreadableSeed, "", "seventeen"};
      batch.push_back(std::move(sample));
    }
    return batch;
  }

 private:
  std::string name_;
  int64_t total_;
  int64_t num_threads_;
  std::filesystem::path model_;
};

class MarkStage final : public Stage {
 public:
  explicit MarkStage(const PlanOptions& options) : options_(options) {}
  std::string_view name() const override { return "mark"; }
  StageParts parts() const override { return {{Part::Seed}, {Part::Program}}; }
  std::string fingerprint() const override { return "mark"; }
  int64_t batch_size() const override { return 3; }
  int64_t num_concurrent_batches() const override { return options_.num_threads; }
  Status process(Batch& batch) const override {
    for (Sample& sample : batch) {
      if (options_.num_marked != nullptr) ++*options_.num_marked;
      const int64_t number = std::stoll(sample.seed->seed_id);
      if (number == options_.fail_at_seed)
        return Error{ErrorCode::Unavailable, "the server does not answer", "start it"};
      if (number == 20 && options_.cancel_soon != nullptr) *options_.cancel_soon = true;
      sample.program = Program{"# " + sample.seed->question, "mechanical"};
    }
    return {};
  }

 private:
  PlanOptions options_;
};

class FilterStage final : public Stage {
 public:
  explicit FilterStage(const PlanOptions& options) : options_(options) {}
  std::string_view name() const override { return "filter"; }
  StageParts parts() const override { return {{Part::Program}, {}}; }
  std::string fingerprint() const override { return fmt::format("filter {}", options_.modulus); }
  int64_t batch_size() const override { return 5; }
  int64_t num_concurrent_batches() const override { return options_.num_threads; }
  Status process(Batch& batch) const override {
    for (Sample& sample : batch) {
      if (std::stoll(sample.seed->seed_id) % options_.modulus == 3)
        sample.rejection = Rejection{RejectReason::TooShort, "", "by number"};
    }
    return {};
  }

 private:
  PlanOptions options_;
};

// Emits the first sample of every question, and the others as rejected.
class DedupBarrier final : public Barrier {
 public:
  std::string_view name() const override { return "dedup"; }
  StageParts parts() const override { return {{Part::Program}, {}}; }
  std::string fingerprint() const override { return "dedup"; }
  Status process(const SampleSource& source, Workspace& workspace) const override {
    std::set<std::string> seen;
    return source.for_each([&](const Sample& sample) {
      Sample copy = sample;
      if (!seen.insert(sample.program->text).second)
        copy.rejection = Rejection{RejectReason::DuplicateProgram, "", "seen"};
      return workspace.emit(copy);
    });
  }
};

// Writes the sum of what it read: the "model" of a later source.
class TrainBarrier final : public Barrier {
 public:
  std::string_view name() const override { return "train"; }
  StageParts parts() const override { return {{Part::Program}, {}}; }
  std::string fingerprint() const override { return "train"; }
  Status process(const SampleSource& source, Workspace& workspace) const override {
    int64_t sum = 0;
    TRY(source.for_each([&](const Sample& sample) -> Status {
      sum += std::stoll(sample.seed->seed_id);
      return {};
    }));
    TRY(write_file_atomic(workspace.cache_folder / "checkpoint", std::to_string(sum)));
    workspace.report_progress(1, 1, "training");
    return write_file_atomic(workspace.folder / "model" / "weights", std::to_string(sum));
  }
};

}  // namespace

std::filesystem::path make_test_folder(const std::string& name) {
  const std::filesystem::path in_memory = "/dev/shm";
  const std::filesystem::path parent =
      ::access(in_memory.c_str(), W_OK) == 0 ? in_memory : std::filesystem::temp_directory_path();
  std::filesystem::path folder = parent / fmt::format("{}_{}", name, ::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

std::vector<Step> make_plan(const PlanOptions& options, const std::filesystem::path& root) {
  const std::filesystem::path model = root / "04-train" / "model" / "weights";
  std::vector<Step> steps;
  const auto add = [&](std::string folder, auto work, std::vector<int64_t> inputs) -> Step& {
    Step step;
    step.folder = std::move(folder);
    step.work = std::move(work);
    step.inputs = std::move(inputs);
    steps.push_back(std::move(step));
    return steps.back();
  };
  using SourcePtr = std::unique_ptr<Source>;
  using StagePtr = std::unique_ptr<Stage>;
  using BarrierPtr = std::unique_ptr<Barrier>;
  add("01-seeds", SourcePtr(new NumberSource("seeds", options.num_seeds, options.num_threads, "")),
      {});
  add("02-mark", StagePtr(new MarkStage(options)), {0});
  add("03-filter", StagePtr(new FilterStage(options)), {1});
  add("04-train", BarrierPtr(new TrainBarrier()), {2});
  add("05-generate",
      SourcePtr(new NumberSource("generate", options.num_generated, options.num_threads, model)),
      {})
      .after = {3};
  PlanOptions quiet = options;
  quiet.fail_at_seed = -1;
  quiet.cancel_soon = nullptr;
  add("06-mark-more", StagePtr(new MarkStage(quiet)), {4});
  add("07-dedup", BarrierPtr(new DedupBarrier()), {2, 5}).passes_on = {2, 5};
  return steps;
}

std::map<std::string, std::string> read_run(const std::filesystem::path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    if (entry.is_regular_file() && name != "lock" && !name.ends_with("receipt.json"))
      files[name] = read_file(entry.path()).value();
  }
  return files;
}

}  // namespace caco::test
