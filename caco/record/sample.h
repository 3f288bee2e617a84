// Sample: the one record of the engine. A sample is an id, where it came from, and typed optional
// parts. Stages fill parts, each at most once; a filled part is never changed afterwards.
// (Exception: a new round starts new samples.)
//
// The path of one sample: seed -> program -> execution -> problem -> solutions -> verdict. A
// generated sample starts at program. Plain data; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/record/reject_reason.h"

namespace caco {

enum class Origin {
  Seed,       // brought by the user
  Generated,  // sampled from the generator
};

// A problem as the user brought it. Empty strings mean absent.
struct Seed {
  std::string source;    // name of the seed source in the recipe
  std::string location;  // "file:line" or "families:17"
  std::string seed_id;   // id within its source, as given
  std::string question;
  std::string solution;  // worked solution in words
  std::string program;   // in whatever form it came
  std::string answer;    // the gold answer
};

// A Code CoT in unified form: `input` dict, a function, `output`, printed.
struct Program {
  std::string text;
  std::string made_by;  // "mechanical" or the name of the model role that wrote it
};

// How the run of a program ended. Only Ok has input and output.
enum class ExecutionVerdict {
  Ok,
  NoOutput,      // ended, `output` was never assigned
  ErrorRaised,   // a Python exception
  CompileError,  // not Python
  Exited,        // left before its end (sys.exit, os._exit)
  Signaled,      // died by a signal of its own doing
  CpuTimeLimit,
  WallTimeLimit,
  MemoryLimit,
  OutputLimit,
  Unserializable,  // `output` or `input` is of a type that has no data form
  TooLarge,        // `output` or `input` is above the size limits
  Protocol,        // the result channel was abused
};

// What CPython's own parser says of a program, computed in the sandboxed child.
struct ProgramFacts {
  int64_t effective_lines = 0;             // not blank, not comment, not import
  std::vector<std::string> input_names;    // keys of `input`, in order
  std::vector<std::string> unused_inputs;  // keys that no expression of the program reads
  std::vector<std::string> imports;        // top-level module names, sorted
  std::string normal_form;  // comments, docstrings and layout removed, local names made canonical;
                            // inputs kept
  std::string structure;    // hash of the normal form with literals and all names abstracted: same
                            // steps, same structure
};

// The result of running a program in the sandbox. Values have two forms: `*_repr` is Python's repr
// (what answers are compared from),
// `*_value` is typed JSON (caco/sandbox/protocol.h).
struct Execution {
  ExecutionVerdict verdict = ExecutionVerdict::Protocol;
  std::vector<std::pair<std::string, std::string>> inputs;  // name -> repr, in order
  Json input_value;
  std::string output_repr;
  Json output_value;
  std::string stdout_text;  // cut at the sandbox's limit
  std::string error_type;
  std::string error_message;
  int64_t error_line = 0;
  bool is_deterministic = true;  // false: a second run gave another output
  ProgramFacts facts;
};

// The problem in words.
struct Problem {
  std::string question;
  std::string made_by;  // "seed" or the model role
};

// One worked solution in words.
struct Solution {
  std::string text;
  std::string answer;  // extracted final answer, empty when none was found
  std::string finish;  // "stop" or "length"
};

// What verification found. A sample that is rejected keeps this part too.
struct Verification {
  int64_t num_solutions = 0;
  int64_t num_equal = 0;    // solutions whose answer equals the program's output
  int64_t num_unknown = 0;  // solutions whose answer could not be compared
  int64_t chosen = -1;      // index of the solution that goes into the data set, -1 = none
  std::string consistency;  // "steps", "judge", "none": which check agreed that solution and
                            // program reason alike
  std::vector<std::string> missing_inputs;  // inputs that the question does not state
};

struct Sample {
  std::string id;      // 32 hex digits: hash of parent, step and ordinal
  std::string parent;  // id of the sample it was made from; empty for seeds and free generation
  Origin origin = Origin::Seed;
  int64_t round = 1;
  std::optional<Seed> seed;
  std::optional<Program> program;
  std::optional<Execution> execution;
  std::optional<Problem> problem;
  std::vector<Solution> solutions;
  std::optional<Verification> verification;
  // Set when a step rejected this sample: the sample then lives in that step's rejects file.
  std::optional<Rejection> rejection;
};

// The parts as a step names them when it says what it needs and adds.
enum class Part { Seed, Program, Execution, Problem, Solutions, Verification };

std::string_view to_string(Origin origin);
std::string_view to_string(ExecutionVerdict verdict);
std::string_view to_string(Part part);
std::optional<ExecutionVerdict> execution_verdict_from_string(std::string_view name);

// Returns whether the part is filled.
bool has_part(const Sample& sample, Part part);

// Returns the id of the sample made at `ordinal` of step `step` from `parent` (empty for none).
std::string make_sample_id(std::string_view parent, std::string_view step, int64_t ordinal);

// The one codec. Version of the format: kSampleFormatVersion, written as "v" in each line. Encoding
// is canonical: same sample, same bytes.
inline constexpr int64_t kSampleFormatVersion = 1;
std::string encode_sample(const Sample& sample);

// Returns the sample of one line; InvalidArgument names the key that is wrong or the unknown
// version. Never throws.
Result<Sample> decode_sample(std::string_view line);

}  // namespace caco
