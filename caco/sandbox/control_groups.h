// Control groups (version 2) for worker slots: the kernel then counts memory and processes of a
// slot and of all that its programs start, whatever they do. Where they are not delegated to this
// user, limits of processes (jail.cpp, child.py) are all there is, and the start-up checks say so.
//
// Interpreters are put into their slot's group once, when they start; programs are born there, so
// that none is ever moved, which would be slow.
//
// The kernel shares a group out only when no process is in it. This process therefore goes into a
// group of its own beside those of the slots (kOwnLeaf), and stays there; where others were started
// in the same group, there are no control groups.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "caco/base/result.h"

namespace caco {

inline constexpr char kOwnLeaf[] = "caco-supervisor";

struct GroupLimits {
  int64_t memory_bytes = 0;
  int64_t max_processes = 0;
};

class ControlGroups {
 public:
  // Makes the group `name` below `folder`, the group of this process, and in it one for each slot.
  // Unavailable when it is not delegated or other processes are in it, with what is missing; this
  // process is then where it was.
  static Result<std::unique_ptr<ControlGroups>> create(const std::string& folder,
                                                       const std::string& name, int64_t num_slots,
                                                       const GroupLimits& limits);
  ~ControlGroups();  // removes the groups; REQUIRES: no process is left in them
  ControlGroups(const ControlGroups&) = delete;
  ControlGroups& operator=(const ControlGroups&) = delete;

  // Puts a process into the group of a slot.
  Status add(int64_t slot, pid_t pid) const;

 private:
  explicit ControlGroups(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
  int64_t num_slots_ = 0;
};

// Returns the folder of the group in which this process was started, in the version 2 hierarchy;
// Unavailable where there is none. The arguments are the kernel's files.
Result<std::string> own_group_folder(const std::string& cgroup_file = "/proc/self/cgroup",
                                     const std::string& mounts_file = "/proc/self/mounts");

}  // namespace caco
