#include "caco/sandbox/control_groups.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "caco/base/file.h"

namespace caco {
namespace {

Error unavailable(const std::string& what) {
  return {ErrorCode::Unavailable, "cannot use control groups: " + what,
          "delegate the controllers memory and pids, as systemd does with Delegate=yes"};
}

// Writes to a file of the kernel: what is there is never made or cut. Returns 0 or what went wrong.
int try_value(const std::string& path, const std::string& value) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const ssize_t count = write(fd, value.data(), value.size());
  const int code = count < 0 ? errno : 0;
  close(fd);
  return code;
}

Status write_value(const std::string& path, const std::string& value) {
  const int code = try_value(path, value);
  if (code == 0) return {};
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

constexpr char kControllers[] = "+memory +pids";

Status share_out(const std::string& folder) {
  return write_value(folder + "/cgroup.subtree_control", kControllers);
}

// The same for the group in which this process is.
Status share_out_own(const std::string& folder) {
  if (try_value(folder + "/cgroup.subtree_control", kControllers) != EBUSY)
    return share_out(folder);
  const std::string leaf = folder + "/" + kOwnLeaf;
  TRY(make_group(leaf));
  TRY(write_value(leaf + "/cgroup.procs", std::to_string(getpid())));
  Status shared = share_out(folder);
  if (!shared.ok()) {
    static_cast<void>(try_value(folder + "/cgroup.procs", std::to_string(getpid())));
    rmdir(leaf.c_str());
  }
  return shared;
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
  TRY(share_out_own(folder));
  std::unique_ptr<ControlGroups> groups(new ControlGroups(folder + "/" + name));
  TRY(make_group(groups->folder_));
  TRY(share_out(groups->folder_));
  for (; groups->num_slots_ < num_slots; ++groups->num_slots_) {
    const std::string slot = slot_folder(groups->folder_, groups->num_slots_);
    TRY(make_group(slot));
    TRY(write_value(slot + "/memory.max", std::to_string(limits.memory_bytes)));
    TRY(write_value(slot + "/pids.max", std::to_string(limits.max_processes)));
    // A machine without swap has no such file.
    static_cast<void>(try_value(slot + "/memory.swap.max", "0"));
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
  const std::string leaf = std::string("/") + kOwnLeaf;
  if (path.ends_with(leaf)) path.resize(std::max<size_t>(path.size() - leaf.size(), 1));
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
