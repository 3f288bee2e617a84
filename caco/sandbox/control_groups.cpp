#include "caco/sandbox/control_groups.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <utility>

#include "caco/base/file.h"

namespace caco {
namespace {

Error unavailable(const std::string& what) {
  return {ErrorCode::Unavailable, "cannot use control groups: " + what,
          "delegate the controllers memory and pids, as systemd does with Delegate=yes"};
}

// Writes to a file of the kernel: what is there is never made or cut.
Status write_value(const std::string& path, const std::string& value) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool is_done =
      fd >= 0 && write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  const int code = errno;
  if (fd >= 0) close(fd);
  if (is_done) return {};
  return unavailable(path + ": " + strerror(code));
}

Status make_group(const std::string& folder) {
  if (mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return unavailable(folder + ": " + strerror(errno));
}

bool has_word(const std::string& text, const std::string& word) {
  std::istringstream words(text);
  for (std::string one; words >> one;) {
    if (one == word) return true;
  }
  return false;
}

std::string slot_folder(const std::string& folder, int64_t slot) {
  return folder + "/slot-" + std::to_string(slot);
}

}  // namespace

Result<std::unique_ptr<ControlGroups>> ControlGroups::create(const std::string& folder,
                                                             const std::string& name,
                                                             int64_t num_slots,
                                                             const GroupLimits& limits) {
  const Result<std::string> controllers = read_file(folder + "/cgroup.controllers");
  if (!controllers.ok()) return unavailable("no version 2 hierarchy at " + folder);
  for (const char* controller : {"memory", "pids"}) {
    if (!has_word(controllers.value(), controller)) {
      return unavailable(std::string("the controller ") + controller + " is not there");
    }
  }
  TRY(write_value(folder + "/cgroup.subtree_control", "+memory +pids"));
  std::unique_ptr<ControlGroups> groups(new ControlGroups(folder + "/" + name));
  TRY(make_group(groups->folder_));
  TRY(write_value(groups->folder_ + "/cgroup.subtree_control", "+memory +pids"));
  for (; groups->num_slots_ < num_slots; ++groups->num_slots_) {
    const std::string slot = slot_folder(groups->folder_, groups->num_slots_);
    TRY(make_group(slot));
    TRY(write_value(slot + "/memory.max", std::to_string(limits.memory_bytes)));
    TRY(write_value(slot + "/pids.max", std::to_string(limits.max_processes)));
    // A machine without swap has no such file.
    static_cast<void>(write_value(slot + "/memory.swap.max", "0").ok());
  }
  return groups;
}

ControlGroups::~ControlGroups() {
  for (int64_t slot = 0; slot <= num_slots_; ++slot)
    rmdir(slot_folder(folder_, slot).c_str());
  rmdir(folder_.c_str());
}

Status ControlGroups::add(int64_t slot, pid_t pid) const {
  return write_value(slot_folder(folder_, slot) + "/cgroup.procs", std::to_string(pid));
}

Result<std::string> own_group_folder(const std::string& cgroup_file,
                                     const std::string& mounts_file) {
  std::istringstream groups(TRY(read_file(cgroup_file)));
  std::string path;
  for (std::string line; std::getline(groups, line);) {
    if (line.rfind("0::", 0) == 0) path = line.substr(3);
  }
  std::istringstream mounts(TRY(read_file(mounts_file)));
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, folder, kind;
    words >> device >> folder >> kind;
    if (kind == "cgroup2" && !path.empty()) return path == "/" ? folder : folder + path;
  }
  return unavailable("the version 2 hierarchy is not mounted");
}

}  // namespace caco
