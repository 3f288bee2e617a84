// Grading in bulk: JSON Lines in, one row out for each row in, in their order. Rows are independent
// of each other, so they are worked on by all threads and printed batch by batch.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "caco/answer/modes/grade.h"
#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco {

inline constexpr int64_t kMaxRowBytes = int64_t{16} << 20;
inline constexpr int64_t kRowsPerBatch = 4096;

// A row to grade: {"id", "gold", "pred", "mode": "bare" (default) or "extract"}. Numbers and
// booleans count as their JSON text.
struct PairRow {
  Json id;  // null when the row has none
  std::string gold;
  std::string predicted;
  PredictionForm form = PredictionForm::Bare;
};

// Returns the row of a line, or InvalidArgument saying what is wrong with it.
Result<PairRow> read_pair_row(std::string_view line);

// What came of one line: a row and its grade, or an error.
struct GradedLine {
  int64_t line = 0;  // from 1
  PairRow row;
  Grade grade;
  std::string error;  // empty for a good row
};

// Reads all lines but empty ones, grades them by `modes` on all cores, and calls `take` for each in
// input order with one graded line a mode. Memory is bounded by a batch of lines.
void grade_lines(std::istream& input, const std::vector<GradeMode>& modes,
                 const std::function<void(const std::vector<GradedLine>&)>& take);

// Returns the row to print: {"id", "equal", "verdict", "proof", "reading", "reason"}, where "equal"
// is null when unknown; {"line", "error"} for a bad row.
Json graded_row(const GradedLine& line);

}  // namespace caco
