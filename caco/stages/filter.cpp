#include "caco/stages/filter.h"

#include <algorithm>
#include <optional>

#include "caco/answer/typed_answer.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/rejection.h"

namespace caco {
namespace {

constexpr size_t kMaxShownChars = 80;

std::string shortened(const std::string& text) {
  return text.size() <= kMaxShownChars ? text : text.substr(0, kMaxShownChars) + "...";
}

class FilterStage final : public Stage {
 public:
  FilterStage(const FilterOptions& options, FilterKind kind) : options_(options), kind_(kind) {}

  std::string_view name() const override { return "filter"; }

  StageParts parts() const override {
    if (kind_ == FilterKind::Seeds) return {{Part::Seed, Part::Program, Part::Execution}, {}};
    return {{Part::Program, Part::Execution}, {}};
  }

  std::string fingerprint() const override {
    FilterOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(name(), kVersion, fields,
                            {kind_ == FilterKind::Seeds ? "seeds" : "generated"});
  }

  int64_t batch_size() const override { return kBatchSize; }
  int64_t num_concurrent_batches() const override { return 1; }

  Status process(Batch& batch) const override {
    for (Sample& sample : batch) {
      sample.rejection = check_output(*sample.execution);
      if (!sample.rejection) sample.rejection = check_program(*sample.execution);
      if (!sample.rejection && kind_ == FilterKind::Seeds) sample.rejection = check_gold(sample);
    }
    return {};
  }

 private:
  static constexpr int64_t kVersion = 2;
  static constexpr int64_t kBatchSize = 256;

  std::optional<Rejection> check_output(const Execution& execution) const {
    const std::string& output = execution.output_repr;
    if (execution.verdict == ExecutionVerdict::NoOutput || output.empty()) {
      return reject(RejectReason::NoOutput, "output was never assigned");
    }
    if (output == "None" || output == "''" || output == "\"\"") {
      return reject(RejectReason::NoOutput, "output is " + output);
    }
    if (static_cast<int64_t>(output.size()) > options_.max_output_chars) {
      return reject(RejectReason::OutputTooLarge, std::to_string(output.size()) +
                                                      " characters, at most " +
                                                      std::to_string(options_.max_output_chars));
    }
    if (options_.require_deterministic && !execution.is_deterministic) {
      return reject(RejectReason::NotDeterministic, "a second run gave another output");
    }
    return std::nullopt;
  }

  std::optional<Rejection> check_program(const Execution& execution) const {
    const ProgramFacts& facts = execution.facts;
    if (options_.require_inputs && facts.input_names.empty()) {
      return reject(RejectReason::NoInput, "no input dict, or an empty one");
    }
    if (options_.require_used_inputs && !facts.unused_inputs.empty()) {
      return reject(RejectReason::UnusedInput, join_names(facts.unused_inputs));
    }
    if (facts.effective_lines < options_.min_effective_lines) {
      return reject(RejectReason::TooShort, std::to_string(facts.effective_lines) +
                                                " effective lines, at least " +
                                                std::to_string(options_.min_effective_lines));
    }
    if (facts.effective_lines > options_.max_effective_lines) {
      return reject(RejectReason::TooLong, std::to_string(facts.effective_lines) +
                                               " effective lines, at most " +
                                               std::to_string(options_.max_effective_lines));
    }
    for (const std::string& module : facts.imports) {
      const std::vector<std::string>& forbidden = options_.forbidden_imports;
      if (std::find(forbidden.begin(), forbidden.end(), module) != forbidden.end()) {
        return reject(RejectReason::ForbiddenImport, module);
      }
    }
    return std::nullopt;
  }

  std::optional<Rejection> check_gold(const Sample& sample) const {
    const bool keeps_unknown = options_.unknown_gold == "keep";
    if (sample.seed->answer.empty()) {
      if (keeps_unknown || sample.program->made_by == "mechanical") return std::nullopt;
      return reject(RejectReason::UnknownAnswer,
                    "no gold answer to check a program that a model wrote");
    }
    const std::string& output = sample.execution->output_repr;
    const AnswerComparison compared = compare_output(*sample.execution, sample.seed->answer);
    const std::string detail =
        "output " + shortened(output) + ", gold answer " + shortened(sample.seed->answer);
    if (compared.equality == Equality::Different) {
      return reject(RejectReason::WrongAnswer, detail);
    }
    if (compared.equality == Equality::Unknown && !keeps_unknown) {
      return reject(RejectReason::UnknownAnswer, detail + ": " + compared.reason);
    }
    return std::nullopt;
  }

  const FilterOptions options_;
  const FilterKind kind_;
};

}  // namespace

void describe(OptionFields& fields, FilterOptions& options) {
  fields.integer("min_effective_lines", options.min_effective_lines, 1, 1000,
                 "fewest lines of a program that are not blank, comment or import");
  fields.integer("max_effective_lines", options.max_effective_lines, 1, 100000,
                 "most lines of a program that are not blank, comment or import");
  fields.boolean("require_inputs", options.require_inputs,
                 "a program must have an input dict with at least one entry");
  fields.boolean("require_used_inputs", options.require_used_inputs,
                 "every entry of the input dict must be read by the program");
  fields.integer("max_output_chars", options.max_output_chars, 1, 1000000,
                 "longest output, as Python shows it");
  fields.boolean("require_deterministic", options.require_deterministic,
                 "reject programs whose second run gave another output (sandbox.run_twice)");
  fields.list("forbidden_imports", options.forbidden_imports,
              "modules that a program must not import");
  fields.choice("unknown_gold", options.unknown_gold, {"reject", "keep"},
                "what to do with a seed whose output and gold answer could not be compared");
}

std::unique_ptr<Stage> make_filter_stage(const FilterOptions& options, FilterKind kind) {
  return std::make_unique<FilterStage>(options, kind);
}

}  // namespace caco
