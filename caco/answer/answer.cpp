#include "caco/answer/answer.h"

#include <algorithm>
#include <cstdint>

#include "caco/answer/clean_text.h"
#include "caco/answer/equal.h"
#include "caco/answer/limits.h"
#include "caco/answer/parse.h"
#include "caco/answer/verdict.h"

namespace caco {
namespace {

constexpr size_t kMaxShownBytes = 60;

// The answer as shown in reasons, cut at a character's border.
std::string shown(std::string_view text) {
  text = trim(text);
  if (text.size() <= kMaxShownBytes) return std::string(text);
  size_t size = kMaxShownBytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return std::string(text.substr(0, size)) + "...";
}

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::Exact:
      return "exact";
    case Proof::Symbolic:
      return "symbolic";
    case Proof::Numeric:
      return "numeric";
    case Proof::Text:
      return "text";
  }
  return "";
}

Verdict decide(std::string_view left, std::string_view right) {
  const Verdict too_large = {Equality::Unknown, Proof::Text, "too large to compare"};
  if (static_cast<int64_t>(std::max(left.size(), right.size())) > kMaxAnswerBytes) {
    return too_large;
  }
  const CleanText clean_left = clean_answer(left);
  const CleanText clean_right = clean_answer(right);
  if (clean_left.text.empty() || clean_right.text.empty()) {
    return {Equality::Unknown, Proof::Text, "a side is empty"};
  }
  const bool is_same_text =
      clean_left.text == clean_right.text && clean_left.literals == clean_right.literals;
  const Readings readings_left = parse_answer(clean_left);
  const Verdict verdict =
      compare_readings(readings_left, is_same_text ? readings_left : parse_answer(clean_right));
  if (verdict.equality != Equality::Equal && is_same_text) {
    return {Equality::Equal, Proof::Text, ""};
  }
  return verdict;
}

}  // namespace

AnswerComparison describe_verdict(const Verdict& verdict, std::string_view left,
                                  std::string_view right) {
  AnswerComparison comparison;
  comparison.equality = verdict.equality;
  comparison.reading = verdict.reading;
  if (verdict.equality != Equality::Unknown) {
    comparison.proof = to_string(verdict.proof);
    comparison.proof_bits = verdict.num_bits;
    if (verdict.num_bits > 0) {
      comparison.proof += " to " + std::to_string(verdict.num_bits) + " bits";
    }
  }
  comparison.reason = shown(left);
  switch (verdict.equality) {
    case Equality::Equal:
      comparison.reason += " = ";
      break;
    case Equality::Different:
      comparison.reason += " is not ";
      break;
    case Equality::Unknown:
      comparison.reason += " cannot be compared with ";
      break;
  }
  comparison.reason += shown(right);
  if (verdict.note[0] != '\0') {
    comparison.reason += ": ";
    comparison.reason += verdict.note;
  }
  return comparison;
}

AnswerComparison compare_answers(std::string_view left, std::string_view right) {
  // One order for both, so that exchanged sides cannot get another verdict where work is bounded.
  const Verdict verdict = left <= right ? decide(left, right) : decide(right, left);
  return describe_verdict(verdict, left, right);
}

std::string_view to_string(Equality equality) {
  switch (equality) {
    case Equality::Equal:
      return "equal";
    case Equality::Different:
      return "different";
    case Equality::Unknown:
      return "unknown";
  }
  return "";
}

}  // namespace caco
