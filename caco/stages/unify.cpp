#include "caco/stages/unify.h"

#include "caco/base/hash.h"
#include "caco/program/embedded_python.h"
#include "caco/program/program_text.h"
#include "caco/stages/rejection.h"

namespace caco {
namespace {

// Returns the text of a Python string that a program of ours left in `output`; empty otherwise.
std::string text_output(const Execution& execution) {
  if (execution.verdict != ExecutionVerdict::Ok || !execution.output_value.is_string()) return "";
  return execution.output_value.get<std::string>();
}

class UnifyStage final : public Stage {
 public:
  UnifyStage(const UnifyOptions& options, Sandbox& sandbox, LanguageModel* unifier,
             const PromptSet& prompts)
      : options_(options), sandbox_(sandbox), unifier_(unifier), prompts_(prompts) {}

  std::string_view name() const override { return "unify"; }
  StageParts parts() const override { return {{Part::Seed}, {Part::Program, Part::Problem}}; }

  std::string fingerprint() const override {
    UnifyOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(
        name(), kVersion, fields,
        {prompt_fingerprint(prompts_), unifier_ == nullptr ? "no unifier" : unifier_->identity(),
         std::to_string(options_.calls.seed), hash_hex_of({kUnifySource})});
  }

  int64_t batch_size() const override { return options_.calls.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.calls.num_concurrent_batches; }

  Status process(Batch& batch) const override {
    std::vector<Sample*> in_words;
    for (Sample& sample : batch) {
      if (!sample.seed->question.empty()) sample.problem = Problem{sample.seed->question, "seed"};
      const std::string text = TRY(unify_mechanically(*sample.seed));
      if (!text.empty()) {
        sample.program = Program{text, "mechanical"};
      } else if (unifier_ != nullptr && has_words(*sample.seed)) {
        in_words.push_back(&sample);
      } else {
        sample.rejection = reject(RejectReason::NoProgram, why_not(*sample.seed));
      }
    }
    return in_words.empty() ? Status() : ask_unifier(in_words);
  }

 private:
  static constexpr int64_t kVersion = 1;

  static bool has_words(const Seed& seed) {
    return !seed.question.empty() || !seed.solution.empty();
  }

  static std::string why_not(const Seed& seed) {
    if (!seed.program.empty()) return "the program is of no known form";
    return has_words(seed) ? "only words, and no model is bound to the role unifier"
                           : "neither program nor words";
  }

  Result<std::string> unify_mechanically(const Seed& seed) const {
    if (seed.program.empty()) return std::string();
    const std::string program = make_unify_program(seed.program, seed.question, seed.answer);
    return text_output(TRY(sandbox_.run(program)));
  }

  Status ask_unifier(const std::vector<Sample*>& samples) const {
    std::vector<ModelRequest> requests;
    for (const Sample* sample : samples) {
      const Seed& seed = *sample->seed;
      requests.push_back(make_unify_request(prompts_, seed.question, seed.solution, seed.program,
                                            options_.sampling,
                                            request_seed(options_.calls, sample->id, "unify")));
    }
    const std::vector<ModelReply> replies = TRY(unifier_->complete(requests));
    for (size_t i = 0; i < samples.size(); ++i) {
      take_reply(replies[i], *samples[i]);
    }
    return {};
  }

  static void take_reply(const ModelReply& reply, Sample& sample) {
    if (reply.choices.empty()) {
      sample.rejection = reject(RejectReason::NoProgram, "the unifier refused the request");
      return;
    }
    const ModelChoice& choice = reply.choices.front();
    if (is_truncated(choice)) {
      sample.rejection = reject(RejectReason::ReplyTruncated, "the program is not complete");
      return;
    }
    const std::string text = extract_program(choice.text);
    if (text.empty()) {
      sample.rejection = reject(RejectReason::NoProgram, "the unifier's reply is empty");
      return;
    }
    sample.program = Program{text, "unifier"};
  }

  const UnifyOptions options_;
  Sandbox& sandbox_;
  LanguageModel* const unifier_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, UnifyOptions& options) {
  describe(fields, options.sampling);
}

std::unique_ptr<Stage> make_unify_stage(const UnifyOptions& options, Sandbox& sandbox,
                                        LanguageModel* unifier, const PromptSet& prompts) {
  return std::make_unique<UnifyStage>(options, sandbox, unifier, prompts);
}

}  // namespace caco
