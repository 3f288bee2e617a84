// What all commands of `caco` share: where the program's parts are, how errors and exit codes look.
// This folder is the only code of the engine that prints, exits, or reads argv and the environment.
#pragma once

#include <string>
#include <string_view>

#include "caco/base/result.h"
#include "caco/pipeline/plan.h"

namespace caco {

// Exit codes, as documented in `caco --help`.
constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;       // the environment failed: missing file, dead server, full disk
constexpr int kExitUsage = 2;        // wrong command line or recipe
constexpr int kExitGradeUsage = 64;  // the same of `caco grade`, whose 2 is a verdict (EX_USAGE)
constexpr int kExitGradeFailed = 74;   // kExitFailed of `caco grade`, whose 1 is one (EX_IOERR)
constexpr int kExitInterrupted = 130;  // stopped by SIGINT or SIGTERM

// Finds the program's parts: caco-lm beside this program or on PATH, the seed families and the
// embedded model in the source folder that it was built from, or in ../share/caco beside it.
Installation find_installation();

// Prints "caco: MESSAGE" and what to do to stderr, and returns the exit code for it.
int report_error(const Error& error);

bool is_terminal(int descriptor);

// Columns of the terminal, 100 when it is none.
int64_t terminal_width();

// Returns text broken at spaces into lines of at most `width` columns, each led by `indent` spaces.
// Lines of their own stay lines of their own.
std::string wrap_text(std::string_view text, size_t width, size_t indent);

// Returns "1:05" or "2:03:10".
std::string format_seconds(double seconds);

// Returns "950", "12.3k", "4.56M".
std::string format_count(int64_t count);

}  // namespace caco
