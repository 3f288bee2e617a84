// Program rows: one program a line, as `POST /run_batch` and `caco exec` take them, and one line of
// JSON for what came of it.
//
// In:  {"id": anything, "program": text ("code" is taken too), "stdin": text, "arguments": [...],
//      "files": {path: base64}, "fetch_files": [path], "scratch": true, "facts": true,
//      "run_twice": true, "semantics": "caco" or "paper", "fixed_time_s": seconds since 1970,
//      "cpu_limit_ms", "wall_limit_ms", "memory_limit_mb", "stdout_limit_bytes": numbers}
// Out: {"line": 1, "id": ..., "verdict": "ok", "output": repr, "output_value": typed,
//      "input_value": typed, "stdout", "stderr", "exit_code", "signal", "error": {...}, "cpu_ms",
//      "wall_ms", "peak_kib", ...}; for a line that is no row {"line", "id", "bad_row": why}; when
//      the sandbox itself failed {"line", "id", "sandbox_error": why}.
#pragma once

#include <cstdint>
#include <string>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/sandbox/run_request.h"

namespace caco {

struct ProgramRow {
  Json id;  // null when there is none
  RunRequest request;
};

// Returns the row of a line. InvalidArgument says what is wrong; `id` is then that of the line
// where it could be read, else null. Thread-safe.
Result<ProgramRow> read_program_row(const std::string& line, Json& id);

// Returns what came of a program as JSON, without line and id. Thread-safe.
Json report_to_json(const RunReport& report);

// Return a whole line of output, without line end. Thread-safe.
std::string write_report_row(int64_t line, const Json& id, const RunReport& report);
std::string write_bad_row(int64_t line, const Json& id, const Error& error);
std::string write_failed_row(int64_t line, const Json& id, const Error& error);

}  // namespace caco
