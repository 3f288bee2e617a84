#include "caco/stages/verify.h"

#include <algorithm>
#include <optional>

#include "caco/answer/typed_answer.h"
#include "caco/stages/introduced_names.h"
#include "caco/stages/rejection.h"
#include "caco/stages/stated_inputs.h"
#include "caco/stages/worked_steps.h"

namespace caco {
namespace {

class VerifyStage final : public Stage {
 public:
  VerifyStage(const VerifyOptions& options, Sandbox& sandbox, LanguageModel* judge,
              const PromptSet& prompts)
      : options_(options), sandbox_(sandbox), judge_(judge), prompts_(prompts) {}

  std::string_view name() const override { return "verify"; }
  StageParts parts() const override {
    return {{Part::Program, Part::Execution, Part::Problem, Part::Solutions}, {Part::Verification}};
  }

  std::string fingerprint() const override {
    VerifyOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    std::vector<std::string> more = {make_trace_program("")};
    if (judge_ != nullptr) {
      more.insert(more.end(), {prompt_fingerprint(prompts_), judge_->identity(),
                               std::to_string(options_.calls.seed)});
    }
    return make_fingerprint(name(), kVersion, fields, more);
  }

  int64_t batch_size() const override { return options_.calls.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.calls.num_concurrent_batches; }

  Status process(Batch& batch) const override {
    std::vector<Sample*> accepted;
    for (Sample& sample : batch) {
      Verification& found = sample.verification.emplace();
      sample.rejection = check_question(sample, found);
      if (!sample.rejection) sample.rejection = check_answers(sample, found);
      if (!sample.rejection) sample.rejection = TRY(choose_solution(sample, found));
      if (!sample.rejection) accepted.push_back(&sample);
    }
    return judge_ == nullptr || accepted.empty() ? Status() : ask_judge(accepted);
  }

 private:
  static constexpr int64_t kVersion = 3;

  std::optional<Rejection> check_question(const Sample& sample, Verification& found) const {
    const bool is_users_own = sample.seed && !sample.seed->answer.empty();
    if (is_users_own) return std::nullopt;
    if (options_.check_names) {
      if (const std::optional<std::string> name =
              find_unintroduced_name(sample.problem->question)) {
        return reject(RejectReason::NameNotIntroduced, *name);
      }
    }
    if (!options_.check_inputs) return std::nullopt;
    found.missing_inputs = find_missing_inputs(sample.problem->question, sample.execution->inputs);
    if (found.missing_inputs.empty()) return std::nullopt;
    return reject(RejectReason::InputNotStated, join_names(found.missing_inputs));
  }

  std::optional<Rejection> check_answers(const Sample& sample, Verification& found) const {
    const std::string& output = sample.execution->output_repr;
    std::string other;
    for (const Solution& solution : sample.solutions) {
      if (solution.answer.empty()) continue;
      const AnswerComparison compared = compare_output(*sample.execution, solution.answer);
      if (compared.equality == Equality::Equal) ++found.num_equal;
      if (compared.equality == Equality::Unknown) ++found.num_unknown;
      if (compared.equality != Equality::Equal && other.empty()) other = solution.answer;
    }
    found.num_solutions = static_cast<int64_t>(sample.solutions.size());
    const int64_t needed = options_.min_agree == 0
                               ? found.num_solutions / 2 + 1
                               : std::min(options_.min_agree, found.num_solutions);
    if (found.num_equal >= needed) return std::nullopt;
    const std::string detail = std::to_string(found.num_equal) + " of " +
                               std::to_string(found.num_solutions) + " solutions give " + output +
                               (other.empty() ? "" : ", another gives " + other);
    const bool could_pass = found.num_equal + found.num_unknown >= needed;
    return reject(could_pass ? RejectReason::AnswerUnknown : RejectReason::AnswerDiffers, detail);
  }

  Result<ProgramTrace> trace(const Sample& sample) const {
    const Execution run = TRY(sandbox_.run(make_trace_program(sample.program->text)));
    // A program that cannot be traced is judged without its intermediate values.
    if (run.verdict != ExecutionVerdict::Ok) return ProgramTrace();
    return parse_trace(run.output_value);
  }

  // The steps of a solution with the right answer, held against the program.
  StepsCheck check_solution(const Sample& sample, const Solution& solution,
                            const ProgramTrace& values) const {
    StepsCheck checked;
    if (options_.check_steps) {
      checked = check_steps({sample.problem->question, solution.text, sample.program->text,
                             sample.execution->output_repr, &sample.execution->inputs, &values,
                             options_.min_shared_steps});
    }
    if (checked.verdict == StepsVerdict::Nothing && options_.require_steps) {
      return {StepsVerdict::Disagree, "the solution has no steps to check"};
    }
    return checked;
  }

  Result<std::optional<Rejection>> choose_solution(const Sample& sample,
                                                   Verification& found) const {
    ProgramTrace values;
    if (options_.check_steps) values = TRY(trace(sample));
    std::string first_fault;
    for (size_t i = 0; i < sample.solutions.size(); ++i) {
      const Solution& solution = sample.solutions[i];
      if (solution.answer.empty() ||
          compare_output(*sample.execution, solution.answer).equality != Equality::Equal) {
        continue;
      }
      const StepsCheck checked = check_solution(sample, solution, values);
      if (checked.verdict == StepsVerdict::Disagree) {
        if (first_fault.empty()) first_fault = checked.detail;
        continue;
      }
      const bool agrees = checked.verdict == StepsVerdict::Agree;
      if (agrees || found.chosen < 0) {
        found.chosen = static_cast<int64_t>(i);
        found.consistency = agrees ? "steps" : "none";
      }
      if (agrees) break;
    }
    if (found.chosen >= 0) return std::optional<Rejection>();
    return std::optional<Rejection>(reject(RejectReason::Inconsistent, first_fault));
  }

  Status ask_judge(const std::vector<Sample*>& samples) const {
    std::vector<ModelRequest> requests;
    for (const Sample* sample : samples) {
      const size_t chosen = static_cast<size_t>(sample->verification->chosen);
      requests.push_back(make_judge_request(prompts_, sample->problem->question,
                                            sample->solutions[chosen].text, sample->program->text,
                                            options_.sampling,
                                            request_seed(options_.calls, sample->id, "judge")));
    }
    const std::vector<ModelReply> replies = TRY(judge_->complete(requests));
    for (size_t i = 0; i < samples.size(); ++i) {
      take_judgement(replies[i], *samples[i]);
    }
    return {};
  }

  void take_judgement(const ModelReply& reply, Sample& sample) const {
    const bool has_verdict = !reply.choices.empty() && !is_truncated(reply.choices.front());
    const Judgement judgement =
        has_verdict ? parse_judge_reply(reply.choices.front().text) : Judgement::Unknown;
    std::string& consistency = sample.verification->consistency;
    if (judgement == Judgement::Yes) {
      if (consistency != "steps") consistency = "judge";
    } else if (judgement == Judgement::No) {
      sample.rejection = reject(RejectReason::JudgedWrong, "the judge said no");
    } else if (options_.undecided_judge == "reject") {
      sample.rejection = reject(RejectReason::JudgedWrong, "the judge gave no verdict");
    }
  }

  const VerifyOptions options_;
  Sandbox& sandbox_;
  LanguageModel* const judge_;
  const PromptSet& prompts_;
};

}  // namespace

void describe(OptionFields& fields, VerifyOptions& options) {
  fields.boolean("check_inputs", options.check_inputs,
                 "the question must state every input of the program");
  fields.boolean("check_names", options.check_names,
                 "the question must introduce everybody whom it asks about");
  fields.integer("min_agree", options.min_agree, 0, 64,
                 "solutions that must give the program's output; 0 = more than half of them");
  fields.boolean("check_steps", options.check_steps,
                 "compare the numbers of a solution with each other and with the program's steps");
  fields.number("min_shared_steps", options.min_shared_steps, 0, 1,
                "share of the program's intermediate values that a solution must show");
  fields.boolean("require_steps", options.require_steps,
                 "reject samples whose solutions have no numbers to check");
  fields.choice("undecided_judge", options.undecided_judge, {"reject", "keep"},
                "what to do with a sample when the judge gives no verdict");
  describe(fields, options.sampling);
}

std::unique_ptr<Stage> make_verify_stage(const VerifyOptions& options, Sandbox& sandbox,
                                         LanguageModel* judge, const PromptSet& prompts) {
  return std::make_unique<VerifyStage>(options, sandbox, judge, prompts);
}

}  // namespace caco
