#include "caco/sandbox_service/batch.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "caco/sandbox_service/program_row.h"
#include "caco/sandbox_service/row_stream.h"

namespace caco {
namespace {

// A row that names no limits gets those of a sandbox, not the most that the server allows.
void apply_limits(RunRequest& request, const ServiceLimits& limits) {
  const SandboxOptions defaults;
  const auto set_default = [](int64_t& value, int64_t otherwise) {
    if (value == 0) value = otherwise;
  };
  set_default(request.cpu_limit_ms, defaults.cpu_limit_ms);
  // Far behind the CPU time, so that a busy machine does not change verdicts.
  set_default(request.wall_limit_ms, std::max(defaults.wall_limit_ms, request.cpu_limit_ms * 4));
  set_default(request.memory_limit_mb, defaults.memory_limit_mb);
  set_default(request.stdout_limit_bytes, defaults.stdout_limit_bytes);
  cap_request(request, limits);
}

// Answers one line. A blank one is answered with nothing.
std::string answer_line(int64_t number, const std::string& line, ProgramRunner& runner,
                        const BatchOptions& options, const std::atomic<bool>& is_over) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return "";
  Json id;
  Result<ProgramRow> row = read_program_row(line, id);
  if (!row.ok()) return write_bad_row(number, id, row.error());
  RunRequest& request = row.value().request;
  apply_limits(request, options.limits);
  RunQueue::Caller caller;
  caller.is_gone = [&is_over] {
    return is_over.load();
  };
  caller.is_part_of_batch = true;
  const RunOutcome outcome = runner.run(request, caller);
  if (!outcome.result) {
    return write_failed_row(number, id, {ErrorCode::Cancelled, "the server is stopping", ""});
  }
  if (!outcome.result->ok()) return write_failed_row(number, id, outcome.result->error());
  return write_report_row(number, id, outcome.result->value());
}

}  // namespace

bool run_batch(const std::string& body, ProgramRunner& runner, const BatchOptions& options) {
  std::atomic<bool> is_over{false};
  size_t start = 0;
  RowWork rows;
  rows.num_threads = options.num_threads;
  rows.max_ahead = options.num_threads * kMaxRowsAheadPerThread;
  rows.is_ordered = options.is_ordered;
  rows.next = [&]() -> std::optional<std::string> {
    if (start >= body.size()) return std::nullopt;
    const size_t end = std::min(body.find('\n', start), body.size());
    std::string line = body.substr(start, end - start);
    start = end + 1;
    return line;
  };
  rows.work = [&](int64_t number, const std::string& line) {
    return answer_line(number, line, runner, options, is_over);
  };
  rows.emit = [&](const std::string* result) {
    bool goes_on = true;
    if (result == nullptr) {
      goes_on = !options.is_gone();
    } else if (!result->empty()) {
      goes_on = options.write(*result + "\n");
    }
    if (!goes_on) is_over = true;
    return goes_on;
  };
  return run_rows(rows);
}

}  // namespace caco
