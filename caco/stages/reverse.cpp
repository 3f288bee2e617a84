#include "caco/stages/reverse.h"

#include "caco/stages/rejection.h"
#include "caco/stages/stated_inputs.h"

namespace caco {
namespace {

class ReverseStage final : public Stage {
 public:
  ReverseStage(const ReverseOptions& options, LanguageModel& reverser, const PromptSet& prompts)
      : options_(options), reverser_(reverser), prompts_(prompts) {}

  std::string_view name() const override { return "reverse"; }
  StageParts parts() const override { return {{Part::Program, Part::Execution}, {Part::Problem}}; }

  std::string fingerprint() const override {
    ReverseOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(
        name(), kVersion, fields,
        {prompt_fingerprint(prompts_), reverser_.identity(), std::to_string(options_.calls.seed)});
  }

  int64_t batch_size() const override { return options_.calls.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.calls.num_concurrent_batches; }

  Status process(Batch& batch) const override {
    std::vector<Sample*> asked;
    std::vector<ModelRequest> requests;
    for (Sample& sample : batch) {
      if (sample.problem) continue;
      const Execution& execution = *sample.execution;
      ModelRequest request = make_reverse_request(
          prompts_, sample.program->text, input_repr(execution), printed_output(execution),
          options_.sampling, request_seed(options_.calls, sample.id, name()));
      request.num_choices = options_.num_candidates;
      requests.push_back(std::move(request));
      asked.push_back(&sample);
    }
    if (requests.empty()) return {};
    const std::vector<ModelReply> replies = TRY(reverser_.complete(requests));
    for (size_t i = 0; i < asked.size(); ++i) {
      choose_question(replies[i], *asked[i]);
    }
    return {};
  }

 private:
  static constexpr int64_t kVersion = 2;

  static void choose_question(const ModelReply& reply, Sample& sample) {
    std::string chosen;
    int64_t num_truncated = 0;
    for (const ModelChoice& choice : reply.choices) {
      if (is_truncated(choice)) {
        ++num_truncated;
        continue;
      }
      const std::string question = extract_question(choice.text);
      if (question.empty()) continue;
      if (find_missing_inputs(question, sample.execution->inputs).empty()) {
        chosen = question;
        break;
      }
      if (chosen.empty()) chosen = question;
    }
    if (!chosen.empty()) {
      sample.problem = Problem{chosen, "reverser"};
    } else if (num_truncated > 0) {
      sample.rejection = reject(RejectReason::ReplyTruncated, "no question is complete");
    } else {
      const bool is_refused = reply.choices.empty();
      sample.rejection =
          reject(RejectReason::NoProblem,
                 is_refused ? "the reverser refused the request" : "the reverser's reply is empty");
    }
  }

  const ReverseOptions options_;
  LanguageModel& reverser_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, ReverseOptions& options) {
  fields.integer("num_candidates", options.num_candidates, 1, 16,
                 "questions asked for at once; the first that states every input is taken");
  describe(fields, options.sampling);
}

std::unique_ptr<Stage> make_reverse_stage(const ReverseOptions& options, LanguageModel& reverser,
                                          const PromptSet& prompts) {
  return std::make_unique<ReverseStage>(options, reverser, prompts);
}

}  // namespace caco
