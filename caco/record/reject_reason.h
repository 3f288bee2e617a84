// Why a sample was rejected: an enumerated reason, with a short detail for people. One list for all
// steps, so that funnels of different runs can be compared. Add at the end of a group; names are
// written into files and must not change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caco {

enum class RejectReason {
  // seeds
  UnreadableSeed,  // the line is not a seed
  DuplicateSeed,   // same question as an earlier seed
  // unify
  NoProgram,       // no program came out (empty reply, no code)
  ReplyTruncated,  // the model's reply was cut by its length limit
  // execute
  DoesNotRun,  // exception, syntax error, early exit, crash
  TimeLimit,
  MemoryLimit,
  OutputLimit,    // printed too much
  UnusableValue,  // `input` or `output` has no data form, or is too large
  // filter
  TooShort,     // fewer effective lines than required
  NoInput,      // no `input` dict, or an empty one
  UnusedInput,  // an input that no expression reads
  NoOutput,     // `output` missing, None or empty
  OutputTooLarge,
  WrongAnswer,    // output differs from the gold answer
  UnknownAnswer,  // output and gold could not be compared
  NotDeterministic,
  ForbiddenImport,
  TooLong,  // more effective lines than allowed
  // dedup
  DuplicateProgram,
  DuplicateProblem,
  Contaminated,  // overlaps a benchmark
  // reverse
  NoProblem,  // empty question
  // solve
  NoAnswer,  // no solution had a final answer
  // verify
  NameNotIntroduced,  // the question asks about somebody new
  InputNotStated,     // the question does not state an input
  AnswerDiffers,      // too few solutions agree with the program's output
  AnswerUnknown,      // could not be decided
  Inconsistent,       // solution and program reason differently
  JudgedWrong,        // the judge said no
};

struct Rejection {
  RejectReason reason = RejectReason::UnreadableSeed;
  std::string step;    // the step that rejected, as in the plan
  std::string detail;  // the most useful facts, at most a line
};

// snake_case names, as written into files and shown to people.
std::string_view to_string(RejectReason reason);
std::optional<RejectReason> reject_reason_from_string(std::string_view name);
std::span<const RejectReason> all_reject_reasons();

// One sentence that tells a user what the reason means.
std::string_view describe(RejectReason reason);

}  // namespace caco
