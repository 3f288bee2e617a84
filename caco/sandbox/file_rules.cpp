#include "caco/sandbox/file_rules.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace caco {
namespace {

// Newer than the kernel headers of Debian 12.
constexpr uint64_t kLandlockNetBind = 1, kLandlockNetConnect = 2;
constexpr uint64_t kLandlockScopeAbstractSocket = 1, kLandlockScopeSignal = 2;
struct LandlockRules {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

uint64_t all_rights(int64_t abi) {
  uint64_t rights = (uint64_t{1} << 13) - 1;  // ABI 1: all thirteen
  if (abi >= 2) rights |= uint64_t{1} << 13;  // linking and renaming across folders
  if (abi >= 3) rights |= uint64_t{1} << 14;  // truncating
  if (abi >= 5) rights |= uint64_t{1} << 15;  // device ioctls
  return rights;
}

// What a program may do below a path: everything in its scratch folder but making links and special
// files, reading elsewhere.
uint64_t rights_below(bool is_scratch, bool is_folder, int64_t abi) {
  uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE;
  if (is_folder) rights |= LANDLOCK_ACCESS_FS_READ_DIR;
  if (!is_scratch) return rights | LANDLOCK_ACCESS_FS_EXECUTE;
  rights |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
            LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
            LANDLOCK_ACCESS_FS_MAKE_REG;
  const uint64_t newer = uint64_t{1} << 13 | uint64_t{1} << 14;  // moving, truncating
  return rights | (newer & all_rights(abi));
}

const char* allow(int ruleset, const char* path, bool is_scratch, int64_t abi) {
  const int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return nullptr;  // a path that is not there needs no rule
  struct stat status {};
  if (fstat(fd, &status) != 0) return "look at a readable path";
  landlock_path_beneath_attr rule{};
  rule.parent_fd = fd;
  rule.allowed_access = rights_below(is_scratch, S_ISDIR(status.st_mode), abi);
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return "add a file rule";
  }
  close(fd);
  return nullptr;
}

}  // namespace

const char* restrict_files(const std::vector<std::string>& readable, const char* scratch) {
  const int64_t abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return nullptr;
  LandlockRules rules{};
  rules.handled_access_fs = all_rights(abi);
  if (abi >= 4) rules.handled_access_net = kLandlockNetBind | kLandlockNetConnect;
  if (abi >= 6) rules.scoped = kLandlockScopeAbstractSocket | kLandlockScopeSignal;
  const size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  if (ruleset < 0) return "make file rules";
  for (const std::string& path : readable) {
    const char* failed = allow(ruleset, path.c_str(), /*is_scratch=*/false, abi);
    if (failed != nullptr) return failed;
  }
  const char* failed =
      scratch == nullptr ? nullptr : allow(ruleset, scratch, /*is_scratch=*/true, abi);
  if (failed != nullptr) return failed;
  if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return "apply file rules";
  close(ruleset);
  return nullptr;
}

}  // namespace caco
