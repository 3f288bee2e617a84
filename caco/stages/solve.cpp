#include "caco/stages/solve.h"

#include <algorithm>

#include "caco/answer/answer.h"
#include "caco/stages/rejection.h"

namespace caco {
namespace {

class SolveStage final : public Stage {
 public:
  SolveStage(const SolveOptions& options, LanguageModel& solver, const PromptSet& prompts)
      : options_(options), solver_(solver), prompts_(prompts) {}

  std::string_view name() const override { return "solve"; }
  StageParts parts() const override { return {{Part::Problem}, {Part::Solutions}}; }

  std::string fingerprint() const override {
    SolveOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(
        name(), kVersion, fields,
        {prompt_fingerprint(prompts_), solver_.identity(), std::to_string(options_.calls.seed)});
  }

  int64_t batch_size() const override { return options_.calls.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.calls.num_concurrent_batches; }

  Status process(Batch& batch) const override {
    const int64_t num_all = options_.num_solutions;
    const int64_t num_first = options_.stop_on_agreement ? (2 * num_all + 2) / 3 : num_all;
    std::vector<Sample*> samples;
    for (Sample& sample : batch) {
      samples.push_back(&sample);
    }
    TRY(ask(samples, num_first, "solve"));
    if (num_first < num_all) {
      std::erase_if(samples, [](const Sample* sample) { return answers_agree(*sample); });
      TRY(ask(samples, num_all - num_first, "solve again"));
    }
    for (Sample& sample : batch) {
      reject_without_answer(sample);
    }
    return {};
  }

 private:
  static constexpr int64_t kVersion = 1;

  Status ask(const std::vector<Sample*>& samples, int64_t num_choices,
             std::string_view purpose) const {
    if (samples.empty()) return {};
    std::vector<ModelRequest> requests;
    requests.reserve(samples.size());
    for (const Sample* sample : samples) {
      requests.push_back(make_solve_request(prompts_, sample->problem->question, options_.sampling,
                                            num_choices,
                                            request_seed(options_.calls, sample->id, purpose)));
    }
    const std::vector<ModelReply> replies = TRY(solver_.complete(requests));
    for (size_t i = 0; i < samples.size(); ++i) {
      for (const ModelChoice& choice : replies[i].choices) {
        const std::string text = clean_reply(choice.text);
        // The last number of a text that was cut is no answer.
        const std::string answer = is_truncated(choice) ? "" : extract_answer(text).text;
        samples[i]->solutions.push_back({text, answer, choice.finish_reason});
      }
    }
    return {};
  }

  static bool answers_agree(const Sample& sample) {
    const std::vector<Solution>& solutions = sample.solutions;
    if (solutions.empty()) return false;
    return std::all_of(solutions.begin(), solutions.end(), [&](const Solution& solution) {
      return compare_answers(solutions.front().answer, solution.answer).equality == Equality::Equal;
    });
  }

  static void reject_without_answer(Sample& sample) {
    int64_t num_truncated = 0;
    for (const Solution& solution : sample.solutions) {
      if (!solution.answer.empty()) return;
      if (solution.finish == "length") ++num_truncated;
    }
    std::string detail = "solutions without an answer: " + std::to_string(sample.solutions.size());
    if (num_truncated > 0) {
      detail += ", of them cut by max_tokens: " + std::to_string(num_truncated);
    }
    if (sample.solutions.empty()) detail = "the solver refused the request";
    sample.rejection = reject(RejectReason::NoAnswer, detail);
  }

  const SolveOptions options_;
  LanguageModel& solver_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, SolveOptions& options) {
  fields.integer("num_solutions", options.num_solutions, 1, 64, "solutions for each problem");
  fields.boolean("stop_on_agreement", options.stop_on_agreement,
                 "ask for the last third of the solutions only where the first do not agree");
  describe(fields, options.sampling);
}

std::unique_ptr<Stage> make_solve_stage(const SolveOptions& options, LanguageModel& solver,
                                        const PromptSet& prompts) {
  return std::make_unique<SolveStage>(options, solver, prompts);
}

}  // namespace caco
