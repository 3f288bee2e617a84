#include "caco/cli/grade_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <thread>

#include "caco/base/parallel.h"

namespace caco {
namespace {

Result<std::string> read_side(const Json& row, const char* key) {
  const Error missing{ErrorCode::InvalidArgument, fmt::format("no field \"{}\"", key), ""};
  if (!row.contains(key)) return missing;
  const Json& value = row[key];
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return dump_json(value);
  return Error{ErrorCode::InvalidArgument, fmt::format("\"{}\" is not a text or a number", key),
               ""};
}

std::vector<GradedLine> grade_line(int64_t number, std::string_view text,
                                   const std::vector<GradeMode>& modes) {
  std::vector<GradedLine> graded(modes.size());
  Result<PairRow> row = read_pair_row(text);
  for (size_t i = 0; i < modes.size(); ++i) {
    graded[i].line = number;
    if (!row.ok()) {
      graded[i].error = row.error().message;
      continue;
    }
    graded[i].row = row.value();
    graded[i].grade =
        grade_answer(modes[i], row.value().gold, row.value().predicted, row.value().form);
  }
  return graded;
}

}  // namespace

Result<PairRow> read_pair_row(std::string_view line) {
  if (static_cast<int64_t>(line.size()) > kMaxRowBytes) {
    return Error{ErrorCode::InvalidArgument, "the row is too long", ""};
  }
  const Json row = TRY(parse_json(line));
  if (!row.is_object()) return Error{ErrorCode::InvalidArgument, "not a JSON object", ""};
  PairRow pair;
  if (row.contains("id")) pair.id = row["id"];
  pair.gold = TRY(read_side(row, "gold"));
  pair.predicted = TRY(read_side(row, "pred"));
  const std::string mode = TRY(read_string(row, "mode", "bare"));
  if (mode != "bare" && mode != "extract") {
    return Error{ErrorCode::InvalidArgument, "\"mode\" is neither bare nor extract: " + mode, ""};
  }
  pair.form = mode == "extract" ? PredictionForm::Solution : PredictionForm::Bare;
  return pair;
}

void grade_lines(std::istream& input, const std::vector<GradeMode>& modes,
                 const std::function<void(const std::vector<GradedLine>&)>& take) {
  const auto num_threads = static_cast<int64_t>(std::max(std::thread::hardware_concurrency(), 1U));
  int64_t line_number = 0;
  for (bool is_open = true; is_open;) {
    std::vector<std::string> lines;
    std::vector<int64_t> numbers;
    int64_t num_bytes = 0;
    std::string line;
    while (static_cast<int64_t>(lines.size()) < kRowsPerBatch && num_bytes < kMaxRowBytes) {
      is_open = static_cast<bool>(std::getline(input, line));
      if (!is_open) break;
      ++line_number;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      num_bytes += static_cast<int64_t>(line.size());
      lines.push_back(std::move(line));
      numbers.push_back(line_number);
    }
    std::vector<std::vector<GradedLine>> graded(lines.size());
    const Status status =
        parallel_for(static_cast<int64_t>(lines.size()), num_threads, [&](int64_t i) -> Status {
          const auto at = static_cast<size_t>(i);
          graded[at] = grade_line(numbers[at], lines[at], modes);
          return {};
        });
    assert(status.ok());  // grading itself has no errors
    for (const std::vector<GradedLine>& each : graded)
      take(each);
  }
}

Json graded_row(const GradedLine& line) {
  if (!line.error.empty()) return {{"line", line.line}, {"error", line.error}};
  const AnswerComparison& comparison = line.grade.comparison;
  Json equal = comparison.equality == Equality::Equal;
  if (comparison.equality == Equality::Unknown) equal = nullptr;
  Json row = {{"id", line.row.id},
              {"equal", equal},
              {"verdict", std::string(to_string(comparison.equality))},
              {"proof", comparison.proof},
              {"reading", comparison.reading},
              {"reason", comparison.reason}};
  return row;
}

}  // namespace caco
