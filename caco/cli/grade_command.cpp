// `caco grade`: compares predicted answers with gold ones, by the code that verifies samples.
#include <fmt/format.h>

#include <map>

#include <CLI/CLI.hpp>

#include "caco/answer/answer.h"
#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"

namespace caco {
namespace {

struct GradeArguments {
  std::string gold;
  std::string predicted;
  std::string gold_field = "answer";
  std::string predicted_field = "prediction";
  bool is_listing = false;
};

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump_json(value);
}

// Returns the field of every line. InvalidArgument names file and line.
Result<std::vector<std::string>> read_fields(const std::string& path, const std::string& field) {
  const std::string text = TRY(read_file(path));
  std::vector<std::string> values;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const Result<Json> row = parse_json(std::string_view(text).substr(start, end - start));
    start = end + 1;
    const auto place = fmt::format("{}:{}", path, values.size() + 1);
    if (!row.ok()) return Error{ErrorCode::InvalidArgument, place + ": " + row.error().message, ""};
    if (!row.value().is_object() || !row.value().contains(field)) {
      return Error{ErrorCode::InvalidArgument, fmt::format("{}: no field \"{}\"", place, field),
                   "name the field with --gold-field or --pred-field"};
    }
    values.push_back(text_of(row.value()[field]));
  }
  return values;
}

Status grade(const GradeArguments& arguments) {
  const std::vector<std::string> gold = TRY(read_fields(arguments.gold, arguments.gold_field));
  const std::vector<std::string> predicted =
      TRY(read_fields(arguments.predicted, arguments.predicted_field));
  if (gold.size() != predicted.size()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the files have different numbers of lines: {} and {}", gold.size(),
                             predicted.size()),
                 "line n of one belongs to line n of the other"};
  }
  std::map<Equality, int64_t> counts;
  for (size_t i = 0; i < gold.size(); ++i) {
    const std::string gold_answer = extract_answer(gold[i]).text;
    const std::string answer = extract_answer(predicted[i]).text;
    const AnswerComparison comparison = compare_answers(answer, gold_answer);
    ++counts[comparison.equality];
    if (!arguments.is_listing) continue;
    const Json row = {{"line", i + 1},
                      {"gold", gold_answer},
                      {"answer", answer},
                      {"verdict", std::string(to_string(comparison.equality))},
                      {"reason", comparison.reason}};
    fmt::print("{}\n", dump_json(row));
  }
  const auto total = static_cast<double>(std::max<size_t>(gold.size(), 1));
  fmt::print(stderr, "{} lines: ", gold.size());
  for (const Equality equality : {Equality::Equal, Equality::Different, Equality::Unknown}) {
    fmt::print(stderr, "{} {} ({:.2f} %)  ", counts[equality], to_string(equality),
               100 * static_cast<double>(counts[equality]) / total);
  }
  fmt::print(stderr, "\n");
  return {};
}

}  // namespace

void add_grade_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("grade", "compare predicted answers with gold ones");
  static GradeArguments arguments;
  command->add_option("--gold", arguments.gold, "JSON Lines with the gold answers")->required();
  command->add_option("--pred", arguments.predicted, "JSON Lines with the predictions")->required();
  command->add_option("--gold-field", arguments.gold_field, "field of the gold answer")
      ->capture_default_str();
  command->add_option("--pred-field", arguments.predicted_field, "field of the prediction")
      ->capture_default_str();
  command->add_flag("--list", arguments.is_listing, "print a JSON line for every pair");
  command->footer(
      "Either side may be a bare answer or a worked solution, whose final answer is taken.\n"
      "Equal, different and unknown are counted apart: unknown is not wrong.");
  command->callback([&exit_code] {
    const Status status = grade(arguments);
    exit_code = status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
  });
}

}  // namespace caco
