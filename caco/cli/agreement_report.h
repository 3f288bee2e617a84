// How two ways of grading agree over the same pairs: counts, Cohen's kappa, and the pairs on which
// they differ. For comparing our verdicts with published graders', mode by mode.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/cli/grade_rows.h"

namespace caco {

inline constexpr size_t kMaxListedPairs = 1000;

class AgreementReport {
 public:
  AgreementReport(GradeMode first, GradeMode second) : first_(first), second_(second) {}

  // Counts one line that both modes graded; a bad line is counted apart.
  void add(const GradedLine& first, const GradedLine& second);

  // Cohen's kappa (Cohen 1960) of the decision "equal" against everything else: agreement beyond
  // what the two shares of "equal" would give by chance. 1 when both always decide the same.
  double kappa() const;

  // Share of pairs with the same decision; 1 when there are none.
  double agreement() const;

  int64_t num_bad() const { return num_bad_; }

  std::string markdown() const;
  Json json() const;

 private:
  struct Pair {
    Json id;
    std::string gold, predicted;
    Equality first = Equality::Unknown;
    Equality second = Equality::Unknown;
  };

  int64_t count(Equality first, Equality second) const;
  int64_t num_pairs() const;

  GradeMode first_;
  GradeMode second_;
  std::array<std::array<int64_t, 3>, 3> counts_ = {};  // [first][second], by Equality
  int64_t num_bad_ = 0;
  int64_t num_disagreeing_ = 0;
  std::vector<Pair> disagreeing_;  // at most kMaxListedPairs
};

}  // namespace caco
