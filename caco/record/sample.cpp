// The codec of Sample: each part's fields are listed once, for both ways (field_codec.h).
//
// Canonical form: keys in the order of these lists; absent parts, empty texts, empty lists and null
// values left out; numbers, booleans and enumerations always written.
#include "caco/record/sample.h"

#include <array>
#include <cstddef>
#include <utility>

#include "caco/base/hash.h"
#include "caco/record/field_codec.h"

namespace caco {
namespace {

constexpr std::array<std::string_view, 2> kOriginNames = {"seed", "generated"};
constexpr std::array<std::string_view, 13> kVerdictNames = {
    "ok",           "no_output",    "error_raised",   "compile_error",
    "exited",       "signaled",     "cpu_time_limit", "wall_time_limit",
    "memory_limit", "output_limit", "unserializable", "too_large",
    "protocol",
};
static_assert(kVerdictNames.size() == static_cast<size_t>(ExecutionVerdict::Protocol) + 1);
constexpr std::array<std::string_view, 6> kPartNames = {"seed",    "program",   "execution",
                                                        "problem", "solutions", "verification"};
static_assert(kPartNames.size() == static_cast<size_t>(Part::Verification) + 1);

std::optional<Origin> origin_from_string(std::string_view name) {
  if (name == kOriginNames[0]) return Origin::Seed;
  if (name == kOriginNames[1]) return Origin::Generated;
  return std::nullopt;
}

}  // namespace

// Parses the names of one enumeration; the reader of fields finds the right one by type.
static std::optional<Origin> parse_name(std::string_view name, Origin) {
  return origin_from_string(name);
}
static std::optional<ExecutionVerdict> parse_name(std::string_view name, ExecutionVerdict) {
  return execution_verdict_from_string(name);
}
static std::optional<RejectReason> parse_name(std::string_view name, RejectReason) {
  return reject_reason_from_string(name);
}

namespace {

// From here on the lists of fields. `auto&` stands for FieldWriter with a const part or FieldReader
// with a mutable one.

constexpr auto kSeedFields = [](auto& codec, auto& seed) {
  codec.text("source", seed.source);
  codec.text("location", seed.location);
  codec.text("seed_id", seed.seed_id);
  codec.text("question", seed.question);
  codec.text("solution", seed.solution);
  codec.text("program", seed.program);
  codec.text("answer", seed.answer);
};

constexpr auto kProgramFields = [](auto& codec, auto& program) {
  codec.text("text", program.text);
  codec.text("made_by", program.made_by);
};

constexpr auto kFactsFields = [](auto& codec, auto& facts) {
  codec.integer("effective_lines", facts.effective_lines);
  codec.texts("input_names", facts.input_names);
  codec.texts("unused_inputs", facts.unused_inputs);
  codec.texts("imports", facts.imports);
  codec.text("normal_form", facts.normal_form);
  codec.text("structure", facts.structure);
};

constexpr auto kExecutionFields = [](auto& codec, auto& execution) {
  codec.enumeration("verdict", execution.verdict);
  codec.text_pairs("inputs", execution.inputs);
  codec.json("input_value", execution.input_value);
  codec.text("output_repr", execution.output_repr);
  codec.json("output_value", execution.output_value);
  codec.text("stdout", execution.stdout_text);
  codec.text("error_type", execution.error_type);
  codec.text("error_message", execution.error_message);
  codec.integer("error_line", execution.error_line);
  codec.boolean("is_deterministic", execution.is_deterministic);
  codec.object("facts", execution.facts, kFactsFields);
};

constexpr auto kProblemFields = [](auto& codec, auto& problem) {
  codec.text("question", problem.question);
  codec.text("made_by", problem.made_by);
};

constexpr auto kSolutionFields = [](auto& codec, auto& solution) {
  codec.text("text", solution.text);
  codec.text("answer", solution.answer);
  codec.text("finish", solution.finish);
};

constexpr auto kVerificationFields = [](auto& codec, auto& verification) {
  codec.integer("num_solutions", verification.num_solutions);
  codec.integer("num_equal", verification.num_equal);
  codec.integer("num_unknown", verification.num_unknown);
  codec.integer("chosen", verification.chosen);
  codec.text("consistency", verification.consistency);
  codec.texts("missing_inputs", verification.missing_inputs);
};

constexpr auto kRejectionFields = [](auto& codec, auto& rejection) {
  codec.enumeration("reason", rejection.reason);
  codec.text("step", rejection.step);
  codec.text("detail", rejection.detail);
};

// All of a sample but its version.
constexpr auto kSampleFields = [](auto& codec, auto& sample) {
  codec.required_text("id", sample.id);
  codec.text("parent", sample.parent);
  codec.enumeration("origin", sample.origin);
  codec.integer("round", sample.round);
  codec.optional_object("seed", sample.seed, kSeedFields);
  codec.optional_object("program", sample.program, kProgramFields);
  codec.optional_object("execution", sample.execution, kExecutionFields);
  codec.optional_object("problem", sample.problem, kProblemFields);
  codec.objects("solutions", sample.solutions, kSolutionFields);
  codec.optional_object("verification", sample.verification, kVerificationFields);
  codec.optional_object("rejection", sample.rejection, kRejectionFields);
};

}  // namespace

std::string_view to_string(Origin origin) {
  return kOriginNames[static_cast<size_t>(origin)];
}

std::string_view to_string(ExecutionVerdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}

std::string_view to_string(Part part) {
  return kPartNames[static_cast<size_t>(part)];
}

std::optional<ExecutionVerdict> execution_verdict_from_string(std::string_view name) {
  for (size_t i = 0; i < kVerdictNames.size(); ++i) {
    if (kVerdictNames[i] == name) return static_cast<ExecutionVerdict>(i);
  }
  return std::nullopt;
}

bool has_part(const Sample& sample, Part part) {
  switch (part) {
    case Part::Seed:
      return sample.seed.has_value();
    case Part::Program:
      return sample.program.has_value();
    case Part::Execution:
      return sample.execution.has_value();
    case Part::Problem:
      return sample.problem.has_value();
    case Part::Solutions:
      return !sample.solutions.empty();
    case Part::Verification:
      return sample.verification.has_value();
  }
  return false;
}

std::string make_sample_id(std::string_view parent, std::string_view step, int64_t ordinal) {
  return hash_hex_of({parent, step, std::to_string(ordinal)});
}

std::string encode_sample(const Sample& sample) {
  std::string line;
  line.reserve(512);
  FieldWriter writer(line);
  writer.integer("v", kSampleFormatVersion);
  kSampleFields(writer, sample);
  writer.finish();
  return line;
}

Result<Sample> decode_sample(std::string_view line) {
  Json object = TRY(parse_json(line));
  std::string problem;
  FieldReader reader(object, "", problem);
  int64_t version = 0;
  reader.integer("v", version);
  if (problem.empty() && version != kSampleFormatVersion) {
    problem = "unknown version of the sample format: " + std::to_string(version) + " in \"v\"";
  }
  Sample sample;
  kSampleFields(reader, sample);
  reader.finish();
  if (!problem.empty()) {
    return Error{ErrorCode::InvalidArgument, "not a sample: " + problem,
                 "written by another version of this program, or not by it"};
  }
  return sample;
}

}  // namespace caco
