// The verdict of a comparison with the strength of its proof, and how verdicts combine.
#pragma once

#include <cstdint>
#include <string_view>

#include "caco/answer/answer.h"

namespace caco {

// Weaker proofs come later.
enum class Proof { Exact, Symbolic, Numeric, Text };

struct Verdict {
  Equality equality = Equality::Unknown;
  Proof proof = Proof::Exact;
  const char* note = "";     // in words, empty when the pair speaks for itself
  const char* reading = "";  // how ambiguous writing was read, empty when there was no choice
  int32_t num_bits = 0;      // of Proof::Numeric: digits in which both agree; 0 for roundings
};

inline Verdict equal(Proof proof = Proof::Exact, const char* note = "") {
  return {Equality::Equal, proof, note, "", 0};
}
inline Verdict different(const char* note = "", Proof proof = Proof::Exact) {
  return {Equality::Different, proof, note, "", 0};
}
inline Verdict unknown(const char* note) {
  return {Equality::Unknown, Proof::Text, note, "", 0};
}

// All parts must be equal: one different part decides, an unknown one leaves it open.
inline Verdict both(const Verdict& first, const Verdict& second) {
  if (first.equality == Equality::Different) return first;
  if (second.equality == Equality::Different) return second;
  if (first.equality == Equality::Unknown) return first;
  if (second.equality == Equality::Unknown) return second;
  return first.proof >= second.proof ? first : second;
}

// One equal reading is enough; with none, an unknown one leaves it open.
inline Verdict either(const Verdict& first, const Verdict& second) {
  if (first.equality == Equality::Equal) return first;
  if (second.equality == Equality::Equal) return second;
  return first.equality == Equality::Unknown ? first : second;
}

// Returns the verdict for people: with both sides as they were given and the reason in words.
AnswerComparison describe_verdict(const Verdict& verdict, std::string_view left,
                                  std::string_view right);

}  // namespace caco
