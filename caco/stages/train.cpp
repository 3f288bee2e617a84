#include "caco/stages/train.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <sstream>
#include <unordered_set>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/log.h"
#include "caco/model/local_server.h"
#include "caco/stages/line_file.h"
#include "caco/stages/model_calls.h"

namespace caco {
namespace {

constexpr int64_t kVersion = 1;

Status add_record(const TrainingRecord& record, LineFile& file) {
  Json line;
  line["prompt"] = record.prompt;
  line["completion"] = record.completion;
  return file.add(dump_json(line));
}

std::vector<std::string> fingerprint_parts(const TrainOptions& options, const PromptSet& prompts) {
  return {prompt_fingerprint(prompts), checkpoint_identity(options.base),
          std::to_string(options.seed)};
}

// Where caco-lm keeps what it needs to go on after a kill; no part of the finished checkpoint.
constexpr const char* kTrainingState = "training_state.safetensors";

// Takes the times out of the trainer's log, so that a step's folder
// holds the same bytes whenever it is made; the receipt has the time that the step took.
Status drop_times(const std::filesystem::path& log) {
  if (!std::filesystem::exists(log)) return {};
  std::istringstream lines(TRY(read_file(log)));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    Json entry = TRY(parse_json(line));
    entry.erase("seconds");
    entry.erase("tokens_per_second");
    kept += dump_json(entry) + "\n";
  }
  return write_file_atomic(log, kept);
}

// Runs the trainer in a folder that survives a kill, so that training goes on where it was. A state
// that cannot be continued (of another number of threads) is dropped, and training begins again.
Status train_resumable(const LocalTrainer& trainer, TrainRequest request,
                       const TrainObserver& observe, const Workspace& workspace) {
  request.is_resuming = true;
  const std::filesystem::path state = request.output / kTrainingState;
  std::error_code ignored;  // a state that stays shows in the checkpoint's files
  const bool had_state = std::filesystem::exists(state, ignored);
  Status trained = trainer.train(request, observe, workspace.is_cancelled);
  if (!trained.ok() && had_state && trained.error().code != ErrorCode::Cancelled) {
    log_message(LogLevel::Warning, "training begins again: " + trained.error().message);
    std::filesystem::remove_all(request.output, ignored);
    trained = trainer.train(request, observe, workspace.is_cancelled);
  }
  if (trained.ok()) std::filesystem::remove(state, ignored);
  return trained;
}

// Trains on workspace.folder/records.jsonl; leaves model/ and training.json beside it.
Status train_on_records(const TrainOptions& options, const LocalTrainer& trainer,
                        int64_t num_records, Workspace& workspace) {
  TrainRequest request;
  request.base = options.base;
  request.data = workspace.folder / "records.jsonl";
  request.output = workspace.cache_folder / "model";
  request.epochs = options.epochs;
  request.learning_rate = options.learning_rate;
  request.batch_tokens = options.batch_tokens;
  request.max_length = options.max_length;
  request.seed = static_cast<uint64_t>(options.seed);
  std::mutex mutex;
  TrainProgress last;
  const auto observe = [&](const TrainProgress& progress) {
    if (progress.num_steps == 0) return;
    const std::lock_guard<std::mutex> lock(mutex);
    last = progress;
    if (workspace.report_progress) {
      workspace.report_progress(progress.step, progress.num_steps, "optimizer steps");
    }
  };
  TRY(train_resumable(trainer, request, observe, workspace));
  TRY(drop_times(request.output / "metrics.jsonl"));
  std::error_code ignored;  // training.json below says what it says, but for the time
  std::filesystem::remove(request.output / "training_report.json", ignored);
  TRY(publish_path(request.output, workspace.folder / "model"));
  TrainOptions shown = options;
  OptionFields fields;
  describe(fields, shown);
  const std::lock_guard<std::mutex> lock(mutex);
  Json report;
  report["num_records"] = num_records;
  report["num_steps"] = last.num_steps;
  report["last_loss"] = last.loss;
  report["options"] = options_to_json(fields, /*only_affecting=*/true);
  return write_file_atomic(workspace.folder / "training.json", dump_json_pretty(report));
}

Error too_few(const std::string& what, int64_t num_records, int64_t min_records,
              const std::string& lost_in) {
  return Error{ErrorCode::NotFound,
               "too few records to train " + what + ": " + std::to_string(num_records) +
                   ", at least " + std::to_string(min_records) + " are needed",
               "the counts of " + lost_in +
                   " say where the samples were lost; bring more seeds, or lower min_records"};
}

class TrainGeneratorBarrier final : public Barrier {
 public:
  TrainGeneratorBarrier(const TrainOptions& options, const LocalTrainer& trainer,
                        const PromptSet& prompts)
      : options_(options), trainer_(trainer), prompts_(prompts) {}

  std::string_view name() const override { return "train"; }
  StageParts parts() const override { return {{Part::Program}, {}}; }

  std::string fingerprint() const override {
    TrainOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint("train generator", kVersion, fields,
                            fingerprint_parts(options_, prompts_));
  }

  Status process(const SampleSource& source, Workspace& workspace) const override {
    LineFile records = TRY(LineFile::create(workspace.folder / "records.jsonl"));
    std::unordered_set<uint64_t> seen;
    int64_t num_samples = 0;
    TRY(source.for_each([&](const Sample& sample) -> Status {
      ++num_samples;
      const std::string& text = sample.program->text;
      const bool has_facts = sample.execution && !sample.execution->facts.normal_form.empty();
      if (!seen.insert(hash_64(has_facts ? sample.execution->facts.normal_form : text)).second) {
        return {};
      }
      return add_record(make_training_record(prompts_, PromptRole::Generate, {}, text), records);
    }));
    TRY(records.close());
    if (records.num_lines() < options_.min_records) {
      return too_few("the generator", records.num_lines(), options_.min_records,
                     "unify, execute-seeds and filter-seeds");
    }
    return train_on_records(options_, trainer_, records.num_lines(), workspace);
  }

 private:
  const TrainOptions options_;
  const LocalTrainer& trainer_;
  const PromptSet& prompts_;
};

// Returns the solution that a student learns; null when the sample is not for it.
const Solution* lesson_of(const Sample& sample, const std::string& data) {
  if (data == "unverified") {
    const auto found = std::find_if(sample.solutions.begin(), sample.solutions.end(),
                                    [](const Solution& one) { return !one.answer.empty(); });
    return found == sample.solutions.end() ? nullptr : &*found;
  }
  if (data == "seeds" && sample.origin != Origin::Seed) return nullptr;
  if (data == "generated" && sample.origin != Origin::Generated) return nullptr;
  if (!sample.verification || sample.verification->chosen < 0) return nullptr;
  return &sample.solutions[static_cast<size_t>(sample.verification->chosen)];
}

class TrainStudentBarrier final : public Barrier {
 public:
  TrainStudentBarrier(const StudentOptions& options, const LocalTrainer& trainer,
                      const PromptSet& prompts)
      : options_(options), trainer_(trainer), prompts_(prompts) {}

  std::string_view name() const override { return "student"; }

  StageParts parts() const override {
    std::vector<Part> needs = {Part::Problem, Part::Solutions};
    if (options_.data != "unverified") needs.push_back(Part::Verification);
    return {needs, {}};
  }

  std::string fingerprint() const override {
    StudentOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint("train student", kVersion, fields,
                            fingerprint_parts(options_.train, prompts_));
  }

  Status process(const SampleSource& source, Workspace& workspace) const override {
    const std::unordered_set<uint64_t> chosen = TRY(choose(source));
    LineFile records = TRY(LineFile::create(workspace.folder / "records.jsonl"));
    TRY(source.for_each([&](const Sample& sample) -> Status {
      const Solution* const lesson = lesson_of(sample, options_.data);
      if (lesson == nullptr || !chosen.contains(rank_of(sample))) return {};
      PromptValues values;
      values.question = sample.problem->question;
      return add_record(make_training_record(prompts_, PromptRole::Solve, values, lesson->text),
                        records);
    }));
    TRY(records.close());
    const int64_t min_records = options_.train.min_records;
    if (records.num_lines() < min_records) {
      return too_few("the student " + options_.name + " (data = " + options_.data + ")",
                     records.num_lines(), min_records, "solve and verify");
    }
    return train_on_records(options_.train, trainer_, records.num_lines(), workspace);
  }

 private:
  // A place in an order that the recipe's seed shuffles: a fraction is the beginning of it.
  uint64_t rank_of(const Sample& sample) const {
    return hash_64(std::to_string(options_.train.seed) + "\n" + sample.id);
  }

  Result<std::unordered_set<uint64_t>> choose(const SampleSource& source) const {
    std::vector<uint64_t> ranks;
    TRY(source.for_each([&](const Sample& sample) -> Status {
      if (lesson_of(sample, options_.data) != nullptr) ranks.push_back(rank_of(sample));
      return {};
    }));
    std::sort(ranks.begin(), ranks.end());
    const double wanted = std::round(options_.fraction * static_cast<double>(ranks.size()));
    size_t count = std::min(static_cast<size_t>(wanted), ranks.size());
    if (options_.max_samples > 0) {
      count = std::min(count, static_cast<size_t>(options_.max_samples));
    }
    return std::unordered_set<uint64_t>(ranks.begin(),
                                        ranks.begin() + static_cast<std::ptrdiff_t>(count));
  }

  const StudentOptions options_;
  const LocalTrainer& trainer_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, TrainOptions& options) {
  fields.number("epochs", options.epochs, 0.001, 1000, "passes over the records");
  fields.number("learning_rate", options.learning_rate, 0, 1, "highest learning rate");
  fields.integer("batch_tokens", options.batch_tokens, 64, 100'000'000,
                 "tokens in one optimizer step");
  fields.integer("max_length", options.max_length, 16, 1'000'000,
                 "longest record, in tokens; longer ones are left out");
  fields.integer("min_records", options.min_records, 1, 1'000'000'000,
                 "stop with an error when there are fewer records");
}

void describe(OptionFields& fields, StudentOptions& options) {
  fields.text("name", options.name, "name of the student in folders and tables");
  fields.choice("data", options.data, {"seeds", "generated", "verified", "unverified"},
                "which samples it learns");
  fields.number("fraction", options.fraction, 0, 1, "share of those samples");
  fields.integer("max_samples", options.max_samples, 0, 1'000'000'000,
                 "most samples; 0 = no limit");
  fields.integer("rounds", options.rounds, 0, 1000, "from the first rounds only; 0 = from all");
  describe(fields, options.train);
}

std::unique_ptr<Barrier> make_train_generator_barrier(const TrainOptions& options,
                                                      const LocalTrainer& trainer,
                                                      const PromptSet& prompts) {
  return std::make_unique<TrainGeneratorBarrier>(options, trainer, prompts);
}

std::unique_ptr<Barrier> make_train_student_barrier(const StudentOptions& options,
                                                    const LocalTrainer& trainer,
                                                    const PromptSet& prompts) {
  return std::make_unique<TrainStudentBarrier>(options, trainer, prompts);
}

}  // namespace caco
