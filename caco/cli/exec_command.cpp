// `caco exec`: runs one program, or many, in the sandbox.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/sample_text.h"
#include "caco/sandbox/sandbox.h"
#include "caco/sandbox_service/program_row.h"
#include "caco/sandbox_service/report_text.h"
#include "caco/sandbox_service/row_stream.h"

namespace caco {
namespace {

constexpr int kExitBadRows = 3;
constexpr int64_t kRowsAheadPerThread = 64;
constexpr std::chrono::milliseconds kProgressEvery{500};

struct ExecArguments {
  std::string file;
  std::string output;
  std::string input;  // file with the standard input
  SandboxOptions sandbox;
  bool is_json = false;
  bool is_rows = false;
  bool is_quiet = false;
};

Result<std::string> read_text(const std::string& file) {
  if (file != "-") return read_file(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
}

void print_report(const Sample& sample, const RunReport& report, const std::string& program) {
  const auto width = static_cast<size_t>(terminal_width());
  fmt::print("{}", execution_to_text(*sample.execution, width).substr(1));
  const std::string errors = stderr_with_traceback(report, program);
  if (!errors.empty()) fmt::print("  stderr\n{}", wrap_text(errors, width, 4));
  fmt::print("  {:.1f} ms of CPU time, {:.1f} ms, {:.1f} MB\n",
             static_cast<double>(report.cpu_us) / 1000, static_cast<double>(report.wall_us) / 1000,
             static_cast<double>(report.peak_kib) / 1024);
}

Status exec_program(const ExecArguments& arguments) {
  RunRequest request;
  request.program = TRY(read_text(arguments.file));
  if (!arguments.input.empty()) request.standard_input = TRY(read_text(arguments.input));
  SandboxOptions options = arguments.sandbox;
  options.num_workers = 1;
  const std::unique_ptr<Sandbox> sandbox = TRY(Sandbox::create(options));
  const RunReport report = TRY(sandbox->run_request(request));
  Sample sample;
  sample.id = make_sample_id("", "exec", 0);
  sample.execution = report.execution;
  if (!arguments.is_json) {
    print_report(sample, report, request.program);
    return {};
  }
  const Json encoded = TRY(parse_json(encode_sample(sample)));
  Json json = encoded["execution"];
  json["run"] = report_to_json(report);
  fmt::print("{}", dump_json_pretty(json));
  return {};
}

// Counts what came of the rows, and shows it on stderr now and then.
class RowCounts {
 public:
  explicit RowCounts(bool is_quiet) : is_quiet_(is_quiet) {}

  void add(const std::string& kind) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++counts_[kind];
  }

  void show(bool is_last) {
    if (is_quiet_) return;
    const auto now = std::chrono::steady_clock::now();
    const bool is_live = is_terminal(STDERR_FILENO);
    if (!is_last && (!is_live || now - shown_ < kProgressEvery)) return;
    shown_ = now;
    const std::chrono::duration<double> elapsed = now - started_;
    std::string text;
    int64_t total = 0;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [kind, count] : counts_) {
      total += count;
      text += fmt::format("  {} {}", kind, count);
    }
    fmt::print(stderr, "{}{} rows in {}, {:.0f} a second{}{}", is_live ? "\r\033[K" : "", total,
               format_seconds(elapsed.count()),
               static_cast<double>(total) / std::max(elapsed.count(), 1e-3), text,
               is_last ? "\n" : "");
    std::fflush(stderr);
  }

  int64_t count(const std::string& kind) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return counts_[kind];
  }

 private:
  const bool is_quiet_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = started_;
  std::mutex mutex_;
  std::map<std::string, int64_t> counts_;
};

std::string answer_row(int64_t number, const std::string& line, Sandbox& sandbox,
                       RowCounts& counts) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return "";
  Json id;
  const Result<ProgramRow> row = read_program_row(line, id);
  if (!row.ok()) {
    counts.add("bad_row");
    return write_bad_row(number, id, row.error());
  }
  const Result<RunReport> report = sandbox.run_request(row.value().request);
  if (!report.ok()) {
    counts.add("sandbox_error");
    return write_failed_row(number, id, report.error());
  }
  counts.add(std::string(to_string(report.value().execution.verdict)));
  return write_report_row(number, id, report.value());
}

// Returns the exit code.
Result<int> answer_rows(const ExecArguments& arguments, std::istream& input, std::ostream& output) {
  const std::unique_ptr<Sandbox> sandbox = TRY(Sandbox::create(arguments.sandbox));
  RowCounts counts(arguments.is_quiet);
  RowWork rows;
  rows.num_threads = arguments.sandbox.num_workers;
  rows.max_ahead = rows.num_threads * kRowsAheadPerThread;
  rows.next = [&]() -> std::optional<std::string> {
    std::string line;
    if (!std::getline(input, line)) return std::nullopt;
    return line;
  };
  rows.work = [&](int64_t number, const std::string& line) {
    return answer_row(number, line, *sandbox, counts);
  };
  rows.emit = [&](const std::string* result) {
    if (result != nullptr && !result->empty()) output << *result << '\n';
    counts.show(false);
    return output.good();
  };
  const bool is_complete = run_rows(rows);
  output.flush();
  counts.show(true);
  if (!is_complete || !output.good())
    return Error{ErrorCode::ResourceExhausted, "cannot write the results", "is the disk full?"};
  const int64_t num_failed = counts.count("sandbox_error");
  if (num_failed > 0) {
    return Error{ErrorCode::Unavailable, fmt::format("the sandbox failed on {} rows", num_failed),
                 "their \"sandbox_error\" says why; `caco sandbox check` looks at the machine"};
  }
  return counts.count("bad_row") > 0 ? kExitBadRows : static_cast<int>(kExitDone);
}

Result<int> exec_rows(const ExecArguments& arguments) {
  std::ifstream input;
  if (arguments.file != "-") {
    input.open(arguments.file);
    if (!input)
      return Error{ErrorCode::NotFound, "cannot open: " + arguments.file, "is the name right?"};
  }
  std::ofstream output;
  if (!arguments.output.empty()) {
    output.open(arguments.output);
    if (!output)
      return Error{ErrorCode::ResourceExhausted, "cannot write: " + arguments.output, ""};
  }
  return answer_rows(arguments, arguments.file == "-" ? std::cin : input,
                     arguments.output.empty() ? std::cout : output);
}

int exec(const ExecArguments& arguments) {
  const bool has_rows = arguments.is_rows || arguments.file.ends_with(".jsonl");
  if (!has_rows) {
    const Status status = exec_program(arguments);
    return status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
  }
  std::ios::sync_with_stdio(false);
  const Result<int> code = exec_rows(arguments);
  return code.ok() ? code.value() : report_error(code.error());
}

void add_limit_options(CLI::App& command, SandboxOptions& options) {
  command.add_option("--cpu-limit-ms", options.cpu_limit_ms, "limit of CPU time")
      ->check(CLI::Range(10, 3'600'000))
      ->capture_default_str();
  command.add_option("--wall-limit-ms", options.wall_limit_ms, "limit of wall time")
      ->check(CLI::Range(10, 36'000'000))
      ->capture_default_str();
  command.add_option("--memory-limit-mb", options.memory_limit_mb, "limit of memory")
      ->check(CLI::Range(16, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--stdout-limit-bytes", options.stdout_limit_bytes,
                  "bytes that a program may print")
      ->check(CLI::Range(0, 1 << 30))
      ->capture_default_str();
}

}  // namespace

void add_exec_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("exec", "run one program, or a file of them, in the sandbox");
  static ExecArguments arguments;
  arguments.sandbox.num_workers = find_installation().num_cores;
  command
      ->add_option("FILE", arguments.file,
                   "a program, or rows of programs (.jsonl); - reads standard input")
      ->required();
  command->add_flag("--rows", arguments.is_rows, "FILE holds rows, whatever its name");
  command->add_option("--output,-o", arguments.output,
                      "rows: file for the results; default: standard output");
  command->add_flag("--json", arguments.is_json, "one program: print everything as JSON");
  command->add_option("--stdin", arguments.input, "one program: file with its standard input");
  command
      ->add_option("--workers", arguments.sandbox.num_workers,
                   "rows: programs at the same time; default: one a core")
      ->check(CLI::Range(1, 4096));
  add_limit_options(*command, arguments.sandbox);
  command->add_flag("--run-twice", arguments.sandbox.run_twice,
                    "one program: see whether the output changes");
  command->add_flag("--quiet,-q", arguments.is_quiet, "rows: no progress on stderr");
  command->footer(
      "A row is {\"program\": TEXT}, with \"id\", \"stdin\", \"arguments\", \"files\", "
      "\"fetch_files\"\n"
      "and limits (\"cpu_limit_ms\", ...) of its own if need be. Results come in the order of the\n"
      "rows; a line that is no row is answered with {\"line\": N, \"bad_row\": WHY}.\n"
      "\n"
      "Exit codes: 0 all ran, whatever the programs did; 1 the sandbox or a file failed;\n"
      "            2 wrong command line; 3 some lines are no rows.\n"
      "\n"
      "Examples:\n"
      "  caco exec program.py\n"
      "  caco exec --stdin case1.txt --json program.py\n"
      "  caco exec programs.jsonl -o results.jsonl\n"
      "  zcat programs.jsonl.gz | caco exec --rows - > results.jsonl");
  command->callback([&exit_code] { exit_code = exec(arguments); });
}

}  // namespace caco
