#include "caco/stages/evaluate.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <span>
#include <utility>

#include "caco/answer/answer.h"
#include "caco/base/file.h"
#include "caco/base/parallel.h"
#include "caco/stages/evaluation_report.h"
#include "caco/stages/line_file.h"

namespace caco {
namespace {

struct Prediction {
  Solution solution;
  Outcome outcome = Outcome::NoAnswer;
  int64_t completion_tokens = 0;
};

// A recipe's name as part of a file name.
std::string file_part(const std::string& name) {
  std::string part = name;
  std::replace_if(
      part.begin(), part.end(),
      [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.';
      },
      '-');
  return part;
}

Prediction judge_reply(const ModelReply& reply, const BenchmarkProblem& problem) {
  Prediction prediction;
  prediction.completion_tokens = reply.completion_tokens;
  if (reply.choices.empty()) return prediction;
  const ModelChoice& choice = reply.choices.front();
  Solution& solution = prediction.solution;
  solution.text = clean_reply(choice.text);
  solution.finish = choice.finish_reason;
  if (!is_truncated(choice)) solution.answer = extract_answer(solution.text).text;
  if (solution.answer.empty()) return prediction;
  switch (compare_answers(solution.answer, problem.answer).equality) {
    case Equality::Equal:
      prediction.outcome = Outcome::Correct;
      break;
    case Equality::Different:
      prediction.outcome = Outcome::Wrong;
      break;
    case Equality::Unknown:
      prediction.outcome = Outcome::Unknown;
      break;
  }
  return prediction;
}

std::string prediction_line(const std::string& benchmark, const BenchmarkProblem& problem,
                            const Prediction& prediction) {
  Json line;
  line["benchmark"] = benchmark;
  line["id"] = problem.id;
  line["question"] = problem.question;
  line["answer"] = problem.answer;
  line["prediction"] = prediction.solution.answer;
  line["verdict"] = to_string(prediction.outcome);
  line["solution"] = prediction.solution.text;
  line["finish"] = prediction.solution.finish;
  return dump_json(line);
}

class EvaluateBarrier final : public Barrier {
 public:
  EvaluateBarrier(const EvaluateOptions& options, std::vector<NamedModel> models, Sandbox& sandbox,
                  const PromptSet& prompts)
      : options_(options), models_(std::move(models)), sandbox_(sandbox), prompts_(prompts) {}

  std::string_view name() const override { return "evaluate"; }
  StageParts parts() const override { return {}; }

  std::string fingerprint() const override {
    EvaluateOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    std::vector<std::string> more = {prompt_fingerprint(prompts_),
                                     std::to_string(options_.calls.seed)};
    for (const NamedModel& model : models_) {
      more.push_back(model.name + " " + model.model->identity());
    }
    for (const BenchmarkOptions& benchmark : options_.benchmarks) {
      more.push_back(benchmark_fingerprint(benchmark));
    }
    return make_fingerprint(name(), kVersion, fields, more);
  }

  Status process(const SampleSource&, Workspace& workspace) const override {
    std::vector<std::vector<BenchmarkProblem>> problems;
    std::vector<BenchmarkResult> results;
    int64_t num_all = 0;
    for (const BenchmarkOptions& benchmark : options_.benchmarks) {
      problems.push_back(TRY(load_benchmark(benchmark, sandbox_)));
      results.push_back({benchmark.name, {}});
      num_all += static_cast<int64_t>(problems.back().size() * models_.size());
    }
    int64_t num_done = 0;
    std::mutex mutex;  // batches end on several threads
    const auto report = [&](int64_t count, const std::string& what) {
      const std::lock_guard<std::mutex> lock(mutex);
      num_done += count;
      if (workspace.report_progress) workspace.report_progress(num_done, num_all, what);
    };
    for (const NamedModel& model : models_) {
      LineFile lines = TRY(
          LineFile::create(workspace.folder / ("predictions-" + file_part(model.name) + ".jsonl")));
      for (size_t i = 0; i < problems.size(); ++i) {
        const std::vector<Prediction> predictions = TRY(predict(
            model, problems[i], workspace, [&](int64_t count) { report(count, model.name); }));
        ModelResult& result = results[i].results.emplace_back();
        result.model = model.name;
        for (size_t k = 0; k < predictions.size(); ++k) {
          result.outcomes.push_back(predictions[k].outcome);
          result.completion_tokens += predictions[k].completion_tokens;
          TRY(lines.add(prediction_line(results[i].benchmark, problems[i][k], predictions[k])));
        }
      }
      TRY(lines.close());
    }
    TRY(write_file_atomic(workspace.folder / "evaluation.json",
                          dump_json_pretty(evaluation_to_json(results))));
    return write_file_atomic(workspace.folder / "evaluation.md", evaluation_to_markdown(results));
  }

 private:
  static constexpr int64_t kVersion = 1;

  Result<std::vector<Prediction>> predict(const NamedModel& model,
                                          const std::vector<BenchmarkProblem>& problems,
                                          const Workspace& workspace,
                                          const std::function<void(int64_t)>& report) const {
    std::vector<Prediction> predictions(problems.size());
    const size_t batch_size = static_cast<size_t>(std::max<int64_t>(options_.calls.batch_size, 1));
    const size_t num_batches = (problems.size() + batch_size - 1) / batch_size;
    const auto predict_batch = [&](int64_t batch) -> Status {
      if (workspace.is_cancelled && workspace.is_cancelled()) {
        return Error{ErrorCode::Cancelled, "the evaluation was stopped", ""};
      }
      const size_t first = static_cast<size_t>(batch) * batch_size;
      const size_t count = std::min(batch_size, problems.size() - first);
      const std::span<const BenchmarkProblem> asked(problems.data() + first, count);
      const std::vector<ModelReply> replies = TRY(ask(model, asked));
      for (size_t i = 0; i < count; ++i) {
        predictions[first + i] = judge_reply(replies[i], asked[i]);
      }
      report(static_cast<int64_t>(count));
      return {};
    };
    TRY(parallel_for(static_cast<int64_t>(num_batches), options_.calls.num_concurrent_batches,
                     predict_batch));
    return predictions;
  }

  Result<std::vector<ModelReply>> ask(const NamedModel& model,
                                      std::span<const BenchmarkProblem> problems) const {
    std::vector<ModelRequest> requests;
    for (const BenchmarkProblem& problem : problems) {
      // The seed is the problem's, so that all models are sampled alike.
      requests.push_back(make_solve_request(prompts_, problem.question, options_.sampling,
                                            /*num_choices=*/1,
                                            request_seed(options_.calls, problem.id, "evaluate")));
    }
    return model.model->complete(requests);
  }

  const EvaluateOptions options_;
  const std::vector<NamedModel> models_;
  Sandbox& sandbox_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, EvaluateOptions& options) {
  describe(fields, options.sampling);
}

std::unique_ptr<Barrier> make_evaluate_barrier(const EvaluateOptions& options,
                                               std::vector<NamedModel> models, Sandbox& sandbox,
                                               const PromptSet& prompts) {
  return std::make_unique<EvaluateBarrier>(options, std::move(models), sandbox, prompts);
}

}  // namespace caco
