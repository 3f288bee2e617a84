// Zygote: the supervisor's end of one warm interpreter. Starts it, hands it one program at a time,
// drains what the program writes while it runs, and ends it.
//
// Not thread-safe: one caller at a time. When anything between the supervisor and the interpreter
// goes wrong, run returns an Error and the zygote is broken: destroy it and start another.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "caco/base/result.h"
#include "caco/sandbox/jail.h"
#include "caco/sandbox/protocol.h"

namespace caco {

// What is imported before programs are forked.
enum class Image { Standard, Symbolic, Scientific };  // + SymPy; + NumPy and SymPy

struct ZygoteSpec {
  std::string python;
  Image image = Image::Standard;
  int64_t slot = 0;
  int64_t seed = 0;  // of hashes, `random` and NumPy
  JailStrength strength = JailStrength::Full;
  bool has_scratch = false;  // its programs get a writable folder; needs namespaces
};

class Zygote {
 public:
  // Returns a zygote that is warm and locked down; waits for it. Unavailable, with the step that
  // failed.
  static Result<std::unique_ptr<Zygote>> start(const ZygoteSpec& spec);
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  // Runs one program to its end, or to the end of its limits. `nonce` has kNonceBytes.
  Result<RawRun> run(std::string_view program, std::string_view nonce, const RunLimits& limits);

  // The same with standard input and scratch files. REQUIRES: a zygote with scratch where the
  // request has files.
  Result<RawRun> run(const RunRequest& request, std::string_view nonce, const RunLimits& limits);

  pid_t pid() const { return pid_; }

 private:
  Zygote() = default;
  Status configure(const ZygoteSpec& spec);
  Status wait_until_ready();
  Status fill_standard_input(std::string_view text);
  Status exchange(std::string_view unsent, int64_t result_limit, const RunLimits& limits,
                  const std::function<bool()>& is_given_up, RawRun& raw);

  pid_t pid_ = -1;
  int command_fd_ = -1;
  int program_fd_ = -1;
  int stdin_fd_ = -1;  // writes the file in memory that programs read
  int stdout_fd_ = -1;
  int stderr_fd_ = -1;
  int result_fd_ = -1;
  bool has_standard_input_ = false;  // the file in memory is not empty
  int64_t run_ = 0;
  int64_t own_address_space_ = 0;  // bytes that the warm interpreter has mapped
};

}  // namespace caco
