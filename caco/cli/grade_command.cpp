// `caco grade`: is this the same answer? For one pair, for rows in bulk, for two files side by
// side, and for comparing two ways of grading. By the code that verifies samples.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "caco/answer/modes/grade.h"
#include "caco/base/file.h"
#include "caco/cli/agreement_report.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/grade_rows.h"

namespace caco {
namespace {

struct GradeArguments {
  std::string gold;
  std::string predicted;
  std::string rows;  // JSON Lines of pairs, "-" for standard input
  std::string gold_file;
  std::string predicted_file;
  std::string gold_field = "answer";
  std::string predicted_field = "prediction";
  std::string mode = "exact";
  std::vector<std::string> agreement;
  bool is_extracting = false;
  bool is_explaining = false;
  bool is_listing = false;
  bool is_json = false;
};

// Exit codes of one pair.
int exit_code_of(Equality equality) {
  switch (equality) {
    case Equality::Equal:
      return 0;
    case Equality::Different:
      return 1;
    case Equality::Unknown:
      return 2;
  }
  return 2;
}

Result<GradeMode> mode_of(const std::string& name) {
  const std::optional<GradeMode> mode = find_grade_mode(name);
  if (mode) return *mode;
  return Error{ErrorCode::InvalidArgument, "no such mode: " + name,
               "exact, qwen, dart, mathverify or hendrycks"};
}

void explain(const Grade& grade, GradeMode mode, PredictionForm form) {
  const AnswerComparison& comparison = grade.comparison;
  fmt::print("gold        {}\n", grade.gold);
  fmt::print("prediction  {}\n", grade.predicted.empty() ? "(no answer)" : grade.predicted);
  if (form == PredictionForm::Solution) {
    fmt::print("found by    {}\n", grade.rule.empty() ? "no rule: there is no answer" : grade.rule);
  }
  if (!comparison.reading.empty()) fmt::print("read as     {}\n", comparison.reading);
  fmt::print("mode        {}\n", to_string(mode));
  fmt::print("verdict     {}{}\n", to_string(comparison.equality),
             comparison.proof.empty() ? "" : ", proof: " + comparison.proof);
  fmt::print("because     {}\n", comparison.reason);
}

Status grade_pair(const GradeArguments& arguments, int& exit_code) {
  const GradeMode mode = TRY(mode_of(arguments.mode));
  const PredictionForm form =
      arguments.is_extracting ? PredictionForm::Solution : PredictionForm::Bare;
  const Grade grade = grade_answer(mode, arguments.gold, arguments.predicted, form);
  if (arguments.is_explaining) {
    explain(grade, mode, form);
  } else {
    fmt::print("{}: {}\n", to_string(grade.comparison.equality), grade.comparison.reason);
  }
  exit_code = exit_code_of(grade.comparison.equality);
  return {};
}

class VerdictCounts {
 public:
  void add(Equality equality) { ++counts_[equality]; }
  void add_bad() { ++num_bad_; }
  int64_t num_bad() const { return num_bad_; }

  void print(const char* what) const {
    int64_t total = num_bad_;
    for (const auto& [equality, count] : counts_)
      total += count;
    fmt::print(stderr, "{} {}: ", total, what);
    for (const Equality equality : {Equality::Equal, Equality::Different, Equality::Unknown}) {
      const auto found = counts_.find(equality);
      const int64_t count = found == counts_.end() ? 0 : found->second;
      fmt::print(
          stderr, "{} {} ({:.2f} %)  ", count, to_string(equality),
          100 * static_cast<double>(count) / static_cast<double>(std::max<int64_t>(total, 1)));
    }
    if (num_bad_ > 0) fmt::print(stderr, "{} bad rows", num_bad_);
    fmt::print(stderr, "\n");
  }

 private:
  std::map<Equality, int64_t> counts_;
  int64_t num_bad_ = 0;
};

Status with_rows(const std::string& path, const std::function<void(std::istream&)>& work) {
  if (path == "-") {
    std::ios::sync_with_stdio(false);
    work(std::cin);
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::NotFound, "cannot open: " + path, ""};
  work(file);
  return {};
}

Status grade_rows(const GradeArguments& arguments, int& exit_code) {
  const GradeMode mode = TRY(mode_of(arguments.mode));
  VerdictCounts counts;
  TRY(with_rows(arguments.rows, [&](std::istream& input) {
    grade_lines(input, {mode}, [&](const std::vector<GradedLine>& graded) {
      const GradedLine& line = graded.front();
      fmt::print("{}\n", dump_json(graded_row(line)));
      if (line.error.empty()) {
        counts.add(line.grade.comparison.equality);
      } else {
        counts.add_bad();
      }
    });
  }));
  counts.print("rows");
  exit_code = static_cast<int>(counts.num_bad() == 0 ? kExitDone : kExitFailed);
  return {};
}

Status report_agreement(const GradeArguments& arguments, int& exit_code) {
  const GradeMode first = TRY(mode_of(arguments.agreement[0]));
  const GradeMode second = TRY(mode_of(arguments.agreement[1]));
  if (arguments.rows.empty()) {
    return Error{ErrorCode::InvalidArgument, "an agreement needs pairs", "give them with --jsonl"};
  }
  AgreementReport report(first, second);
  TRY(with_rows(arguments.rows, [&](std::istream& input) {
    grade_lines(input, {first, second},
                [&](const std::vector<GradedLine>& graded) { report.add(graded[0], graded[1]); });
  }));
  fmt::print("{}", arguments.is_json ? dump_json_pretty(report.json()) : report.markdown());
  exit_code = static_cast<int>(report.num_bad() == 0 ? kExitDone : kExitFailed);
  return {};
}

// Returns the field of every line. InvalidArgument names file and line.
Result<std::vector<std::string>> read_fields(const std::string& path, const std::string& field) {
  const std::string text = TRY(read_file(path));
  std::vector<std::string> values;
  const std::string_view lines = text;
  for (size_t start = 0; start < lines.size();) {
    const size_t end = std::min(lines.find('\n', start), lines.size());
    const Result<Json> row = parse_json(lines.substr(start, end - start));
    start = end + 1;
    const auto place = fmt::format("{}:{}", path, values.size() + 1);
    if (!row.ok()) return Error{ErrorCode::InvalidArgument, place + ": " + row.error().message, ""};
    if (!row.value().is_object() || !row.value().contains(field)) {
      return Error{ErrorCode::InvalidArgument, fmt::format("{}: no field \"{}\"", place, field),
                   "name the field with --gold-field or --pred-field"};
    }
    const Json& value = row.value()[field];
    values.push_back(value.is_string() ? value.get<std::string>() : dump_json(value));
  }
  return values;
}

Status grade_files(const GradeArguments& arguments) {
  const GradeMode mode = TRY(mode_of(arguments.mode));
  const std::vector<std::string> gold = TRY(read_fields(arguments.gold_file, arguments.gold_field));
  const std::vector<std::string> predicted =
      TRY(read_fields(arguments.predicted_file, arguments.predicted_field));
  if (gold.size() != predicted.size()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the files have different numbers of lines: {} and {}", gold.size(),
                             predicted.size()),
                 "line n of one belongs to line n of the other"};
  }
  VerdictCounts counts;
  for (size_t i = 0; i < gold.size(); ++i) {
    const Grade grade = grade_answer(mode, gold[i], predicted[i], PredictionForm::Solution);
    counts.add(grade.comparison.equality);
    if (!arguments.is_listing) continue;
    const Json row = {{"line", i + 1},
                      {"gold", grade.gold},
                      {"answer", grade.predicted},
                      {"verdict", std::string(to_string(grade.comparison.equality))},
                      {"reason", grade.comparison.reason}};
    fmt::print("{}\n", dump_json(row));
  }
  counts.print("lines");
  return {};
}

Status run_grade(const CLI::App& command, const GradeArguments& arguments, int& exit_code) {
  exit_code = kExitDone;
  if (!arguments.agreement.empty()) return report_agreement(arguments, exit_code);
  if (!arguments.rows.empty()) return grade_rows(arguments, exit_code);
  if (!arguments.gold_file.empty() && !arguments.predicted_file.empty()) {
    return grade_files(arguments);
  }
  if (command.count("--gold") > 0 && command.count("--pred") > 0) {
    return grade_pair(arguments, exit_code);
  }
  return Error{ErrorCode::InvalidArgument, "nothing to grade",
               "give --gold and --pred, or --jsonl, or --gold-file and --pred-file"};
}

void add_options(CLI::App& command, GradeArguments& arguments) {
  command.add_option("--gold", arguments.gold, "one pair: the right answer");
  command.add_option("--pred", arguments.predicted, "one pair: the answer to grade");
  command.add_flag("--extract", arguments.is_extracting,
                   "one pair: --pred is a worked solution, whose final answer is taken");
  command.add_flag("--explain", arguments.is_explaining, "one pair: say in words why");
  command.add_option("--jsonl", arguments.rows, "many pairs: a file, or - for standard input");
  command.add_option("--mode", arguments.mode, "exact, qwen, dart, mathverify or hendrycks")
      ->capture_default_str();
  command
      .add_option("--agreement", arguments.agreement,
                  "two modes: report how they agree over the pairs of --jsonl")
      ->expected(2);
  command.add_flag("--json", arguments.is_json, "the agreement as JSON instead of Markdown");
  command.add_option("--gold-file", arguments.gold_file, "two files: JSON Lines, gold answers");
  command.add_option("--pred-file", arguments.predicted_file, "two files: JSON Lines, solutions");
  command.add_option("--gold-field", arguments.gold_field, "field of the gold answer")
      ->capture_default_str();
  command.add_option("--pred-field", arguments.predicted_field, "field of the prediction")
      ->capture_default_str();
  command.add_flag("--list", arguments.is_listing, "two files: print a JSON line for every pair");
}

}  // namespace

void add_grade_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("grade", "compare predicted answers with gold ones");
  static GradeArguments arguments;
  add_options(*command, arguments);
  command->footer(
      "One pair ends with exit code 0 (equal), 1 (different) or 2 (unknown): unknown is not "
      "wrong.\n"
      "A wrong command line ends with 64, and a file that cannot be read with 74.\n"
      "Rows are {\"id\", \"gold\", \"pred\", \"mode\"}, where \"mode\" is bare (default) or "
      "extract;\n"
      "for each a row {\"id\", \"equal\", \"verdict\", \"proof\", \"reading\", \"reason\"} is "
      "printed, in\n"
      "order; a bad row gives {\"line\", \"error\"} and exit code 1. The other modes reproduce "
      "the\n"
      "conventions of published graders, wrong acceptances included (docs/answers.md).\n"
      "\n"
      "Examples:\n"
      "  caco grade --gold '\\frac{1}{2}' --pred 0.5\n"
      "  caco grade --gold 24 --pred 'so it is \\boxed{24}.' --extract --explain\n"
      "  caco grade --jsonl - <pairs.jsonl >graded.jsonl\n"
      "  caco grade --agreement exact qwen --jsonl pairs.jsonl >report.md");
  command->callback([command, &exit_code] {
    const Status status = run_grade(*command, arguments, exit_code);
    if (status.ok()) return;
    const int code = report_error(status.error());
    exit_code = code == kExitUsage    ? kExitGradeUsage
                : code == kExitFailed ? kExitGradeFailed
                                      : code;
  });
}

}  // namespace caco
