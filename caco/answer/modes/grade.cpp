#include "caco/answer/modes/grade.h"

#include <algorithm>

#include "caco/answer/clean_text.h"
#include "caco/answer/limits.h"
#include "caco/answer/modes/dart.h"
#include "caco/answer/modes/hendrycks.h"
#include "caco/answer/modes/math_verify.h"
#include "caco/answer/modes/qwen.h"

namespace caco {
namespace {

// A gold answer may be the end of a worked solution; only a mark that cannot be part of an answer
// tells.
std::string gold_answer(std::string_view gold) {
  const ExtractedAnswer found = extract_answer(gold);
  const bool is_marked = found.rule == "boxed" || found.rule == "tag" || found.rule == "hashes";
  return is_marked ? found.text : std::string(gold);
}

std::string extract_for(GradeMode mode, std::string_view solution) {
  switch (mode) {
    case GradeMode::Exact:
      return extract_answer(solution).text;
    case GradeMode::Qwen:
      return qwen_extract(solution);
    case GradeMode::Dart:
      return dart_extract(solution);
    case GradeMode::MathVerify:
      return math_verify_extract(solution);
    case GradeMode::Hendrycks:
      return hendrycks_extract(solution).value_or("");
  }
  return "";
}

bool is_equal(GradeMode mode, const std::string& gold, const std::string& predicted) {
  switch (mode) {
    case GradeMode::Exact:
      return compare_answers(gold, predicted).equality == Equality::Equal;
    case GradeMode::Qwen:
      return qwen_equal(predicted, qwen_normal_text(gold));
    case GradeMode::Dart:
      return dart_equal(predicted, gold);
    case GradeMode::MathVerify:
      return math_verify_equal(predicted, gold);
    case GradeMode::Hendrycks:
      return hendrycks_equal(gold, predicted);
  }
  return false;
}

AnswerComparison compare_by_conventions(GradeMode mode, const Grade& grade) {
  AnswerComparison comparison;
  comparison.proof = "convention";
  const int64_t longest = static_cast<int64_t>(std::max(grade.gold.size(), grade.predicted.size()));
  const bool equal = longest <= kMaxAnswerBytes && is_equal(mode, grade.gold, grade.predicted);
  comparison.equality = equal ? Equality::Equal : Equality::Different;
  comparison.reason = std::string(equal ? "equal" : "not equal") + " by the conventions of " +
                      std::string(to_string(mode));
  return comparison;
}

}  // namespace

Grade grade_answer(GradeMode mode, std::string_view gold, std::string_view predicted,
                   PredictionForm form) {
  Grade grade;
  grade.gold = std::string(gold);
  grade.predicted = std::string(predicted);
  bool has_percent_behind = false;
  if (form == PredictionForm::Solution) {
    grade.gold = gold_answer(gold);
    if (mode == GradeMode::Exact) {
      const ExtractedAnswer found = extract_answer(predicted);
      grade.predicted = found.text;
      grade.rule = found.rule;
      has_percent_behind = found.has_percent_behind;
    } else {
      grade.predicted = extract_for(mode, predicted);
      grade.rule = grade.predicted.empty() ? "" : to_string(mode);
    }
  } else if (mode == GradeMode::Qwen) {
    grade.predicted = qwen_normal_text(predicted);
  }
  if (mode != GradeMode::Exact) {
    grade.comparison = compare_by_conventions(mode, grade);
    return grade;
  }
  // A percent sign behind the answer belongs to it when the gold answer has one, and may otherwise.
  const std::string with_percent = has_percent_behind ? grade.predicted + "\\%" : "";
  if (!with_percent.empty() && grade.gold.find('%') != std::string::npos) {
    grade.predicted = with_percent;
  }
  grade.comparison = compare_answers(grade.gold, grade.predicted);
  std::string other = with_percent;
  if (form == PredictionForm::Solution && trim(predicted) == trim(gold)) other = grade.gold;
  if (grade.comparison.equality == Equality::Equal || other.empty()) return grade;
  const AnswerComparison comparison = compare_answers(grade.gold, other);
  if (comparison.equality == Equality::Equal) {
    grade.predicted = other;
    grade.comparison = comparison;
  }
  return grade;
}

std::optional<GradeMode> find_grade_mode(std::string_view name) {
  for (const GradeMode mode : {GradeMode::Exact, GradeMode::Qwen, GradeMode::Dart,
                               GradeMode::MathVerify, GradeMode::Hendrycks}) {
    if (name == to_string(mode)) return mode;
  }
  return std::nullopt;
}

std::string_view to_string(GradeMode mode) {
  switch (mode) {
    case GradeMode::Exact:
      return "exact";
    case GradeMode::Qwen:
      return "qwen";
    case GradeMode::Dart:
      return "dart";
    case GradeMode::MathVerify:
      return "mathverify";
    case GradeMode::Hendrycks:
      return "hendrycks";
  }
  return "";
}

}  // namespace caco
