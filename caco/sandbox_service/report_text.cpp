#include "caco/sandbox_service/report_text.h"

#include <signal.h>
#include <string.h>

#include "caco/base/json.h"

namespace caco {
namespace {

// Returns line `number` of a program without its indentation; empty beyond its end.
std::string program_line(const std::string& program, int64_t number) {
  size_t start = 0;
  for (int64_t line = 1; line < number && start != std::string::npos; ++line) {
    start = program.find('\n', start);
    if (start != std::string::npos) ++start;
  }
  if (number < 1 || start == std::string::npos || start >= program.size()) return "";
  const std::string line = program.substr(start, program.find('\n', start) - start);
  const size_t first = line.find_first_not_of(" \t");
  return first == std::string::npos ? "" : line.substr(first);
}

void append_place(std::string& text, const std::string& program, int64_t line,
                  const std::string& function) {
  text += "  File \"main.py\", line " + std::to_string(line);
  text += (function.empty() ? "" : ", in " + function) + "\n";
  const std::string source = program_line(program, line);
  if (!source.empty()) text += "    " + source + "\n";
}

std::string traceback_text(const RunReport& report, const std::string& program) {
  const Execution& execution = report.execution;
  std::string text;
  if (!report.traceback.empty()) {
    text += "Traceback (most recent call last):\n";
    for (const auto& [line, function] : report.traceback)
      append_place(text, program, line, function);
  } else if (execution.error_line > 0) {
    append_place(text, program, execution.error_line, "");
  }
  text += execution.error_type.empty() ? "Error" : execution.error_type;
  if (!execution.error_message.empty()) text += ": " + execution.error_message;
  return text + "\n";
}

}  // namespace

std::string stderr_with_traceback(const RunReport& report, const std::string& program) {
  const ExecutionVerdict verdict = report.execution.verdict;
  const bool has_exception = verdict == ExecutionVerdict::ErrorRaised ||
                             verdict == ExecutionVerdict::CompileError ||
                             (verdict == ExecutionVerdict::MemoryLimit && report.signal == 0);
  std::string text = report.stderr_text;
  if (!has_exception) return text;
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text + traceback_text(report, program);
}

std::optional<int64_t> return_code_of(const RunReport& report) {
  switch (report.execution.verdict) {
    case ExecutionVerdict::CpuTimeLimit:
    case ExecutionVerdict::WallTimeLimit:
      return std::nullopt;
    case ExecutionVerdict::OutputLimit:
      return -SIGKILL;
    case ExecutionVerdict::Protocol:
      return 1;
    default:
      return report.signal > 0 ? -report.signal : report.exit_code;
  }
}

bool is_timeout(const RunReport& report) {
  return report.execution.verdict == ExecutionVerdict::CpuTimeLimit ||
         report.execution.verdict == ExecutionVerdict::WallTimeLimit;
}

std::string signal_name(int64_t signal) {
  const char* name = sigabbrev_np(static_cast<int>(signal));
  return "SIG" + (name == nullptr ? std::to_string(signal) : std::string(name));
}

bool is_utf8(const std::string& bytes) {
  // The JSON parser knows: a string of these bytes, with what JSON forbids in it out of the way.
  std::string text = "\"";
  for (const char byte : bytes) {
    const bool is_special = static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\';
    text += is_special ? ' ' : byte;
  }
  return Json::accept(text + "\"");
}

}  // namespace caco
