// Jail: starts an interpreter that can do nothing but read its own library and talk through the
// descriptors it was given.
//
// The containment is one ordered list, `enter_jail` in jail.cpp. It is built once per zygote and
// inherited by every program; what a program gets on top (its own PID namespace, limits that count
// it alone, no capabilities) is in worker.py.
//
// Threat model: the program is hostile, the kernel is trusted. Closed: network, files (reading
// beyond the interpreter's own library, writing anywhere), other processes, IPC, keyrings, devices,
// kernel interfaces that computing does not need. Not promised: secrecy against timing and cache
// side channels, protection from kernel bugs in what stays reachable.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/result.h"

namespace caco {

// How much of the kernel's containment is used. Full needs user namespaces (as any user) or root.
enum class JailStrength {
  Full,          // namespaces, a root of its own, Landlock, system call filter, limits
  NoNamespaces,  // Landlock, system call filter, limits
};

inline constexpr int kNumJailFds = 6;
inline constexpr char kScratchFolder[] = "/scratch";  // as the jailed process sees it

struct JailSpec {
  std::string python;                    // absolute path of the interpreter
  std::vector<std::string> arguments;    // after the interpreter's name
  std::vector<std::string> environment;  // NAME=value
  std::array<int, kNumJailFds> fds{};    // become 0, 1, ... inside; all others are closed
  int64_t slot = 0;                      // as root, each slot runs as a user of its own
  JailStrength strength = JailStrength::Full;
  // Above 0: the jail holds kScratchFolder, an empty writable folder of this size. It lives as long
  // as the jail. Needs JailStrength::Full.
  int64_t scratch_bytes = 0;
};

// Starts the interpreter and returns its process id; the caller must reap it. When a step of the
// containment fails the process says so on descriptor 3 as a line that starts with "jail:", and
// ends. Unavailable when it cannot be started. Thread-safe.
Result<pid_t> start_jailed(const JailSpec& spec);

// Returns the folders (and files) that the interpreter needs to read.
std::vector<std::string> readable_paths(const std::string& python);

}  // namespace caco
