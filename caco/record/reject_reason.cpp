// The one table of reasons: enumerator, the name that files hold, and the sentence for people.
#include "caco/record/reject_reason.h"

#include <array>
#include <cstddef>

namespace caco {
namespace {

struct ReasonRow {
  RejectReason reason;
  std::string_view name;
  std::string_view description;
};

// In the order of the enumeration, so that a reason is its own index.
constexpr std::array kRows = {
    ReasonRow{RejectReason::UnreadableSeed, "unreadable_seed",
              "The line is not a seed: it cannot be read, or it lacks a field that is needed."},
    ReasonRow{RejectReason::DuplicateSeed, "duplicate_seed",
              "An earlier seed asks the same question."},
    ReasonRow{RejectReason::NoProgram, "no_program",
              "No program in unified form came out of the seed or the reply."},
    ReasonRow{RejectReason::ReplyTruncated, "reply_truncated",
              "The model's reply was cut by its length limit."},
    ReasonRow{RejectReason::DoesNotRun, "does_not_run",
              "The program does not compile, raises an exception, leaves early or crashes."},
    ReasonRow{RejectReason::TimeLimit, "time_limit",
              "The program was stopped because it ran longer than allowed."},
    ReasonRow{RejectReason::MemoryLimit, "memory_limit",
              "The program was stopped because it used more memory than allowed."},
    ReasonRow{RejectReason::OutputLimit, "output_limit", "The program printed more than allowed."},
    ReasonRow{RejectReason::UnusableValue, "unusable_value",
              "The program's input or output has no data form, or is too large."},
    ReasonRow{RejectReason::TooShort, "too_short",
              "The program has fewer effective lines than required."},
    ReasonRow{RejectReason::NoInput, "no_input",
              "The program has no `input` dictionary, or an empty one."},
    ReasonRow{RejectReason::UnusedInput, "unused_input",
              "The program has an input that none of its expressions reads."},
    ReasonRow{RejectReason::NoOutput, "no_output",
              "The program's `output` is missing, None or empty."},
    ReasonRow{RejectReason::OutputTooLarge, "output_too_large",
              "The program's output is larger than an answer may be."},
    ReasonRow{RejectReason::WrongAnswer, "wrong_answer",
              "The program's output differs from the gold answer."},
    ReasonRow{RejectReason::UnknownAnswer, "unknown_answer",
              "The program's output and the gold answer could not be compared."},
    ReasonRow{RejectReason::NotDeterministic, "not_deterministic",
              "Two runs of the program gave different outputs."},
    ReasonRow{RejectReason::ForbiddenImport, "forbidden_import",
              "The program imports a module that is not allowed."},
    ReasonRow{RejectReason::TooLong, "too_long",
              "The program has more effective lines than allowed."},
    ReasonRow{RejectReason::DuplicateProgram, "duplicate_program",
              "An earlier sample has the same program."},
    ReasonRow{RejectReason::DuplicateProblem, "duplicate_problem",
              "An earlier sample asks the same question."},
    ReasonRow{RejectReason::Contaminated, "contaminated", "The problem overlaps a benchmark."},
    ReasonRow{RejectReason::NoProblem, "no_problem", "The model wrote no question."},
    ReasonRow{RejectReason::NoAnswer, "no_answer", "None of the solutions ends in a final answer."},
    ReasonRow{RejectReason::NameNotIntroduced, "name_not_introduced",
              "The question asks about somebody whom it never introduces."},
    ReasonRow{RejectReason::InputNotStated, "input_not_stated",
              "The question does not state one of the program's inputs."},
    ReasonRow{RejectReason::AnswerDiffers, "answer_differs",
              "Too few solutions agree with the program's output."},
    ReasonRow{RejectReason::AnswerUnknown, "answer_unknown",
              "It could not be decided whether the solutions agree with the program's output."},
    ReasonRow{RejectReason::Inconsistent, "inconsistent",
              "The solution and the program reason differently."},
    ReasonRow{RejectReason::JudgedWrong, "judged_wrong",
              "The judge found the solution or the problem unsound."},
};

constexpr bool rows_follow_the_enumeration() {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<size_t>(kRows[i].reason) != i) return false;
  }
  return kRows.back().reason == RejectReason::JudgedWrong;
}
static_assert(rows_follow_the_enumeration());

constexpr std::array<RejectReason, kRows.size()> list_reasons() {
  std::array<RejectReason, kRows.size()> reasons = {};
  for (size_t i = 0; i < kRows.size(); ++i)
    reasons[i] = kRows[i].reason;
  return reasons;
}
constexpr std::array<RejectReason, kRows.size()> kReasons = list_reasons();

}  // namespace

std::string_view to_string(RejectReason reason) {
  return kRows[static_cast<size_t>(reason)].name;
}

std::optional<RejectReason> reject_reason_from_string(std::string_view name) {
  for (const ReasonRow& row : kRows) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

std::span<const RejectReason> all_reject_reasons() {
  return kReasons;
}

std::string_view describe(RejectReason reason) {
  return kRows[static_cast<size_t>(reason)].description;
}

}  // namespace caco
