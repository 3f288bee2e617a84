// `caco export`: the data set of a run as one file, in the form that a trainer wants.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/store/manifest.h"

namespace caco {
namespace {

struct ExportArguments {
  std::string run;
  std::string output;
  std::string format = "jsonl";
};

// Returns a row in the wished form.
Json convert_row(const Json& row, const std::string& format) {
  const Json instruction = row.value("instruction", Json(""));
  const Json output = row.value("output", Json(""));
  if (format == "alpaca") return {{"instruction", instruction}, {"input", ""}, {"output", output}};
  return {{"messages",
           {{{"role", "user"}, {"content", instruction}},
            {{"role", "assistant"}, {"content", output}}}}};
}

Status export_rows(const ExportArguments& arguments) {
  const RunDirectory run(arguments.run);
  TRY(read_manifest(run));
  const std::filesystem::path path = run.step("13-assemble") / "dataset" / "train.jsonl";
  const Result<std::string> text = read_file(path);
  if (!text.ok()) {
    return Error{text.error().code, "the run has no data set yet: " + path.string(),
                 "finish it: caco run " + arguments.run};
  }
  std::string exported;
  int64_t num_rows = 0;
  for (size_t start = 0; start < text.value().size(); ++num_rows) {
    const size_t end = text.value().find('\n', start);
    const std::string line = text.value().substr(start, end - start);
    start = end == std::string::npos ? text.value().size() : end + 1;
    if (arguments.format == "jsonl") {
      exported += line + "\n";
    } else {
      const Json row = TRY(parse_json(line));
      exported += dump_json(convert_row(row, arguments.format)) + "\n";
    }
  }
  if (arguments.output == "-") {
    fmt::print("{}", exported);
    return {};
  }
  TRY(write_file_atomic(arguments.output, exported));
  fmt::print("wrote {} rows to {}\n", num_rows, arguments.output);
  return {};
}

}  // namespace

void add_export_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("export", "the data set of a run as one file");
  static ExportArguments arguments;
  command->add_option("RUN", arguments.run, "run folder")->required();
  command->add_option("--output,-o", arguments.output, "file to write; - prints it")->required();
  command
      ->add_option("--format,-f", arguments.format,
                   "jsonl: all fields; alpaca: instruction, input, output; messages: chat turns")
      ->check(CLI::IsMember({"jsonl", "alpaca", "messages"}))
      ->capture_default_str();
  command->callback([&exit_code] {
    const Status status = export_rows(arguments);
    exit_code = status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
  });
}

}  // namespace caco
