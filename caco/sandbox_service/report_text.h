// What a run looks like to a caller that would have started `python main.py` itself: exit code,
// stderr with the traceback, name of a signal.
#pragma once

#include <optional>
#include <string>

#include "caco/sandbox/run_request.h"

namespace caco {

// Returns stderr as the interpreter leaves it: what the program wrote, then the traceback of the
// exception that ended it, with the program's own lines.
std::string stderr_with_traceback(const RunReport& report, const std::string& program);

// Returns the exit code, negative for a signal as Python's subprocess has it. Nothing when the
// program was killed at a time limit.
std::optional<int64_t> return_code_of(const RunReport& report);

// Returns whether the program was killed at its limit of CPU or wall time.
bool is_timeout(const RunReport& report);

// Returns "SIGKILL" for 9, "SIG99" for what has no name.
std::string signal_name(int64_t signal);

// Returns whether the bytes are UTF-8.
bool is_utf8(const std::string& bytes);

}  // namespace caco
