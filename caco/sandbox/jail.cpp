#include "caco/sandbox/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "caco/sandbox/file_rules.h"

namespace caco {
namespace {

constexpr uid_t kInsideId = 1000;
constexpr uid_t kFirstOutsideId = 61000;  // as root, slot n runs as user 61000 + n
constexpr int kReportFd = 3;
constexpr size_t kMaxPaths = 32;
constexpr int64_t kMaxScratchInodes = 1024;
constexpr int kFirstParkedFd = 100;  // descriptors are moved here before they get their numbers

// What the new process needs, prepared before it exists: after the clone it must not allocate
// memory, as another thread may have held the allocator's lock.
struct Plan {
  const JailSpec* spec = nullptr;
  std::string scratch_options;  // of the mount; empty: no scratch folder
  std::vector<std::string> paths;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  mutable int report_fd = -1;  // where a failing step is told
  int go_fd = -1;              // one byte comes when the user id map is written
  bool is_root = false;
};

void write_text(int fd, const char* text) {
  const ssize_t ignored = write(fd, text, strlen(text));
  static_cast<void>(ignored);
}

[[noreturn]] void fail(const Plan& plan, const char* step) {
  const int code = errno;
  const int fd = plan.report_fd;
  write_text(fd, "jail: ");
  write_text(fd, step);
  write_text(fd, ": ");
  const char* name = strerrorname_np(code);
  write_text(fd, name == nullptr ? "unknown" : name);
  write_text(fd, "\n");
  _exit(71);
}

void need(const Plan& plan, bool is_done, const char* step) {
  if (!is_done) fail(plan, step);
}

// ---- the steps ----

void wait_for_id_map(const Plan& plan) {
  char byte = 0;
  need(plan, read(plan.go_fd, &byte, 1) == 1, "wait for the id map");
}

void become_slot_user(const Plan& plan, uid_t id) {
  // System calls, not the C library's functions: those wait for all threads, which are not here.
  if (plan.is_root) need(plan, syscall(SYS_setgroups, 0, nullptr) == 0, "leave all groups");
  need(plan, syscall(SYS_setresgid, id, id, id) == 0, "take the slot's group");
  need(plan, syscall(SYS_setresuid, id, id, id) == 0, "take the slot's user");
}

void make_folders(const Plan& plan, const char* relative, bool also_last) {
  char partial[PATH_MAX];
  const size_t length = strlen(relative);
  need(plan, length < sizeof(partial), "make a folder");
  for (size_t i = 0; i <= length; ++i) {
    partial[i] = '\0';
    if (i > 0 && (relative[i] == '/' || (relative[i] == '\0' && also_last))) {
      need(plan, mkdir(partial, 0755) == 0 || errno == EEXIST, "make a folder");
    }
    partial[i] = relative[i];
  }
}

// Puts one path of the host into the new root: a link as a link, a folder or file as a mount.
void attach_path(const Plan& plan, const char* path, int tree_fd, const char* link_target) {
  const char* relative = path + 1;
  make_folders(plan, relative, false);
  if (link_target[0] != '\0') {
    need(plan, symlink(link_target, relative) == 0 || errno == EEXIST, "make a link");
    return;
  }
  struct stat status {};
  need(plan, fstat(tree_fd, &status) == 0, "look at a path");
  if (S_ISDIR(status.st_mode)) {
    make_folders(plan, relative, true);
  } else {
    const int fd = open(relative, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
    need(plan, fd >= 0, "make a file to mount on");
    close(fd);
  }
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  need(plan, syscall(SYS_move_mount, tree_fd, "", AT_FDCWD, relative, MOVE_MOUNT_F_EMPTY_PATH) == 0,
       "mount a path");
  need(plan,
       syscall(SYS_mount_setattr, AT_FDCWD, relative, AT_RECURSIVE, &attributes,
               sizeof(attributes)) == 0,
       "make a mount read-only");
}

// A root that holds the readable paths and nothing else: no /proc, /sys, /dev, /etc, /home, /tmp.
void enter_new_root(const Plan& plan, uid_t id) {
  int trees[kMaxPaths];
  char links[kMaxPaths][256];
  const size_t count = std::min(plan.paths.size(), kMaxPaths);
  for (size_t i = 0; i < count; ++i) {
    const ssize_t length = readlink(plan.paths[i].c_str(), links[i], sizeof(links[i]) - 1);
    links[i][std::max<ssize_t>(length, 0)] = '\0';
    if (length > 0) continue;
    trees[i] = static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, plan.paths[i].c_str(),
                                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    need(plan, trees[i] >= 0, "open a readable path");
  }
  become_slot_user(plan, id);
  need(plan, mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  need(plan, mount("sandbox", "/usr", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0755") == 0,
       "mount the new root");
  need(plan, chdir("/usr") == 0, "enter the new root");
  for (size_t i = 0; i < count; ++i)
    attach_path(plan, plan.paths[i].c_str(), trees[i], links[i]);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (!plan.scratch_options.empty()) {
    const char* relative = kScratchFolder + 1;
    make_folders(plan, relative, true);
    need(plan,
         mount("scratch", relative, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
               plan.scratch_options.c_str()) == 0,
         "mount the scratch folder");
  }
  need(plan, syscall(SYS_mount_setattr, AT_FDCWD, "/usr", 0, &attributes, sizeof(attributes)) == 0,
       "make the new root read-only");
  need(plan, syscall(SYS_pivot_root, ".", ".") == 0, "enter the new root for good");
  need(plan, umount2(".", MNT_DETACH) == 0, "let go of the old root");
  need(plan, chdir("/") == 0, "go to the root");
}

void limit_resources(const Plan& plan) {
  // CPU time, address space and processes are set per program.
  const auto file_bytes = static_cast<rlim_t>(plan.spec->scratch_bytes);
  const struct {
    __rlimit_resource resource;
    rlim_t value;
  } limits[] = {
      {RLIMIT_CORE, 0},         {RLIMIT_FSIZE, file_bytes}, {RLIMIT_NOFILE, 64},
      {RLIMIT_MEMLOCK, 0},      {RLIMIT_MSGQUEUE, 0},       {RLIMIT_RTPRIO, 0},
      {RLIMIT_SIGPENDING, 256}, {RLIMIT_STACK, 64 << 20},
  };
  for (const auto& limit : limits) {
    const rlimit both{limit.value, limit.value};
    need(plan, setrlimit(limit.resource, &both) == 0, "limit resources");
  }
}

// Keeps the one capability that forking into a PID namespace takes (within the user namespace,
// where there is one), also across exec.
void drop_capabilities(const Plan& plan, bool keeps_fork) {
  for (int capability = 0; capability <= 63; ++capability) {
    if (capability == CAP_SYS_ADMIN && keeps_fork) continue;
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (keeps_fork) {
    data[0].effective = data[0].permitted = data[0].inheritable = 1U << CAP_SYS_ADMIN;
  }
  need(plan, syscall(SYS_capset, &header, data) == 0, "drop capabilities");
  if (keeps_fork) {
    need(plan, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0,
         "keep the fork capability");
  }
}

void reset_signals() {
  for (int signal = 1; signal < 32; ++signal)
    ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void arrange_descriptors(const Plan& plan) {
  int parked[kNumJailFds];
  for (int i = 0; i < kNumJailFds; ++i) {
    parked[i] = fcntl(plan.spec->fds[static_cast<size_t>(i)], F_DUPFD, kFirstParkedFd);
    need(plan, parked[i] >= 0, "move descriptors");
  }
  for (int i = 0; i < kNumJailFds; ++i)
    need(plan, dup2(parked[i], i) == i, "place descriptors");
  plan.report_fd = kReportFd;
  need(plan, syscall(SYS_close_range, kNumJailFds, ~0U, 0) == 0, "close other descriptors");
}

// The containment, in order. Everything here is inherited by the interpreter and by each program;
// the system call filter follows when the interpreter is warm (worker.py), as importing needs more.
[[noreturn]] void enter_jail(const Plan& plan) {
  const bool is_full = plan.spec->strength == JailStrength::Full;
  const uid_t outside = kFirstOutsideId + static_cast<uid_t>(plan.spec->slot);
  if (is_full) {
    wait_for_id_map(plan);            // user namespace: our ids mean nothing outside
    enter_new_root(plan, kInsideId);  // mount namespace: nothing but the interpreter, read-only
    sethostname("sandbox", 7);        // UTS namespace; IPC, network and cgroup ones stay empty
  } else if (plan.is_root) {
    become_slot_user(plan, outside);
  }
  need(plan, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up new privileges");
  const char* failed =
      restrict_files(plan.paths, plan.scratch_options.empty() ? nullptr : kScratchFolder);
  need(plan, failed == nullptr, failed);  // Landlock: reading the interpreter's library, no more
  if (is_full || plan.is_root) drop_capabilities(plan, is_full);
  personality(ADDR_NO_RANDOMIZE);  // same addresses in every run: same order of sets by id
  setsid();                        // no terminal
  reset_signals();
  umask(077);
  arrange_descriptors(plan);  // 0 to 5 and nothing else
  limit_resources(plan);
  execve(plan.spec->python.c_str(), plan.arguments.data(), plan.environment.data());
  fail(plan, "start the interpreter");
}

// ---- the parent's side ----

bool write_file(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_done = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return is_done;
}

// Maps the user inside to one of the slot's own (as root) or to the caller.
bool write_id_maps(pid_t pid, const Plan& plan) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/";
  const std::string inside = std::to_string(kInsideId) + " ";
  if (plan.is_root) {
    const std::string slot =
        std::to_string(kFirstOutsideId + static_cast<uid_t>(plan.spec->slot)) + " 1";
    return write_file(folder + "gid_map", inside + slot) &&
           write_file(folder + "uid_map", inside + slot);
  }
  return write_file(folder + "setgroups", "deny") &&
         write_file(folder + "gid_map", inside + std::to_string(getegid()) + " 1") &&
         write_file(folder + "uid_map", inside + std::to_string(geteuid()) + " 1");
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts)
    result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::vector<std::string> readable_paths(const std::string& python) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const char* path :
       {"/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/alternatives", "/etc/ld.so.cache"}) {
    if (fs::exists(path, ignored)) paths.emplace_back(path);
  }
  // An interpreter elsewhere brings its prefix, a virtual environment also the one it was made
  // from.
  const auto add_prefix = [&](const fs::path& binary) {
    const std::string prefix = binary.parent_path().parent_path().string();
    const bool is_covered = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
      return prefix == path || prefix.rfind(path + "/", 0) == 0;
    });
    if (prefix.size() > 1 && !is_covered) paths.push_back(prefix);
  };
  add_prefix(python);
  add_prefix(fs::canonical(python, ignored));
  return paths;
}

Result<pid_t> start_jailed(const JailSpec& spec) {
  Plan plan;
  plan.spec = &spec;
  plan.report_fd = spec.fds[kReportFd];
  plan.paths = readable_paths(spec.python);
  plan.is_root = geteuid() == 0;
  if (spec.scratch_bytes > 0 && spec.strength == JailStrength::Full) {
    plan.scratch_options = "mode=0700,nr_inodes=" + std::to_string(kMaxScratchInodes) +
                           ",size=" + std::to_string(spec.scratch_bytes);
  }
  std::vector<std::string> arguments{spec.python};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  plan.arguments = pointers(arguments);
  plan.environment = pointers(spec.environment);
  int go[2];
  if (pipe2(go, O_CLOEXEC) != 0) {
    return Error{ErrorCode::ResourceExhausted,
                 std::string("cannot make a pipe: ") + strerror(errno), ""};
  }
  plan.go_fd = go[0];
  unsigned long flags = SIGCHLD;
  if (spec.strength == JailStrength::Full) {
    flags |= CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
             CLONE_NEWUTS | CLONE_NEWCGROUP;
  }
  const long pid = syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr);
  if (pid == 0) enter_jail(plan);
  const int clone_error = errno;
  close(go[0]);
  bool is_mapped = pid > 0;
  if (is_mapped && spec.strength == JailStrength::Full) {
    is_mapped = write_id_maps(static_cast<pid_t>(pid), plan) && write(go[1], "g", 1) == 1;
  }
  const int map_error = errno;
  close(go[1]);
  if (pid < 0) {
    return Error{ErrorCode::Unavailable,
                 std::string("cannot start a jailed process: ") + strerror(clone_error), ""};
  }
  if (!is_mapped) {
    kill(static_cast<pid_t>(pid), SIGKILL);
    waitpid(static_cast<pid_t>(pid), nullptr, 0);
    return Error{ErrorCode::Unavailable,
                 std::string("cannot write the id map of a jailed process: ") + strerror(map_error),
                 ""};
  }
  return static_cast<pid_t>(pid);
}

}  // namespace caco
