// The system calls that a zygote and its programs may make, as a classic BPF program.
//
// The filter is a list of what is allowed; anything else fails with EPERM, and clone3 with ENOSYS
// so that the C library falls back to clone. Calls of a foreign architecture (int 0x80, x32) kill
// the process. It is installed once in the zygote and inherited, because installing costs more than
// forking; so it must let the zygote fork. It does so with one exact set of flags that includes
// CLONE_NEWPID, which the kernel refuses to programs as they have no capabilities. Failing calls
// return an error rather than killing: an unforeseen call in some library then raises an exception
// that can be read, and never a random death.
#pragma once

#include <string>

#include "caco/base/result.h"

namespace caco {

// Returns the filter of zygotes, as bytes of struct sock_filter. `has_pid_namespace`: programs are
// forked into a PID namespace of their own; `has_scratch`: they may change files, where file rules
// let them. Thread-safe.
Result<std::string> make_zygote_filter(bool has_pid_namespace, bool has_scratch);

// Returns the second filter, installed in each child where there are no PID namespaces: no forking
// and no signals to others. Thread-safe.
Result<std::string> make_child_filter();

}  // namespace caco
