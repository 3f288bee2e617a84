// RunRequest and RunReport: what one run of a program is given beyond its text, and all that the
// outside learned of it. Plain data.
//
// A pipeline needs a program's typed result alone (Sandbox::run); a service also hands over
// standard input and files, has limits of its own for each request, and tells its callers exit
// codes, times and what was printed to stderr.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/record/sample.h"

namespace caco {

// A file of the scratch folder; its path is relative to that folder.
struct ScratchFile {
  std::string path;
  std::string content;
};

// Whose rules decide what a program's result is.
enum class Semantics {
  Caco,         // ours: typed values, __main__, docs/sandbox.md
  PaperChecker  // those of the released checker of the Caco paper, quirks included (compat.py)
};

struct RunRequest {
  std::string program;
  std::string standard_input;
  std::vector<std::string> arguments;  // sys.argv beyond the program's name
  // Gives the program a writable folder of its own as working folder, empty but for `files`, and
  // gone after the run. Implied by `files` and `wanted_files`.
  bool has_scratch = false;
  std::vector<ScratchFile> files;         // written before the program starts
  std::vector<std::string> wanted_files;  // read after it ended
  // Limits of this run; 0 stands for the sandbox's own.
  int64_t cpu_limit_ms = 0;
  int64_t wall_limit_ms = 0;
  int64_t memory_limit_mb = 0;
  int64_t stdout_limit_bytes = 0;
  Semantics semantics = Semantics::Caco;
  // Without them Execution::facts stay empty, and the run costs about half.
  bool wants_facts = true;
  // A second run with other seeds, another hash seed and another day clears
  // Execution::is_deterministic when it ends otherwise.
  bool runs_twice = false;
  std::optional<int64_t> fixed_time_s;  // wall clock time stands still here, in seconds since 1970
  // Asked now and then while the program runs, by the thread that waits for it: true kills the
  // program. Empty: nobody gives it up.
  std::function<bool()> is_given_up;
};

struct RunReport {
  Execution execution;
  // Code that the program left with; 1 after an exception. Without meaning when `signal` is set.
  int64_t exit_code = 0;
  int64_t signal = 0;  // that ended the program, its own or the one that killed it at a limit
  int64_t cpu_us = 0;
  int64_t wall_us = 0;
  int64_t peak_kib = 0;  // resident memory
  std::string stderr_text;
  bool is_stdout_truncated = false;
  bool is_stderr_truncated = false;
  // Where an exception came from: line and function of each of the program's own frames, outermost
  // first.
  std::vector<std::pair<int64_t, std::string>> traceback;
  std::vector<ScratchFile>
      files;  // those of `wanted_files` that are there, regular and not too big
};

inline constexpr int64_t kMaxScratchPathBytes = 255;
inline constexpr int64_t kMaxScratchFiles = 64;            // in or out, of one run
inline constexpr int64_t kMaxScratchBytes = 16 << 20;      // of the whole folder
inline constexpr int64_t kMaxScratchInputBytes = 8 << 20;  // of all `files`
inline constexpr int64_t kMaxStandardInputBytes = 64 << 20;
inline constexpr int64_t kMaxArgumentBytes = 1 << 16;  // of all arguments

// Returns whether a path may name a file of the scratch folder: relative, not empty, no empty, "."
// or ".." part, no NUL, at most kMaxScratchPathBytes.
bool is_scratch_path(const std::string& path);

// Returns InvalidArgument with the reason when a request asks for what no sandbox can do: too much
// standard input, too long arguments, bad or too many paths, a file under two names, a file that is
// also a folder, too many bytes. Thread-safe.
Status check_request(const RunRequest& request);

}  // namespace caco
