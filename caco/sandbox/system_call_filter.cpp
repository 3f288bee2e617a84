#include "caco/sandbox/system_call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>
#include <initializer_list>
#include <memory>

namespace caco {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

Error filter_error(const std::string& what, int code) {
  return {ErrorCode::Internal,
          "cannot build the system call filter: " + what + ": " + strerror(-code), ""};
}

// Calls that are allowed whatever their arguments: memory, time, waiting, reading files, and what
// tells a process about itself.
constexpr int kAllowed[] = {SCMP_SYS(read),
                            SCMP_SYS(write),
                            SCMP_SYS(readv),
                            SCMP_SYS(writev),
                            SCMP_SYS(pread64),
                            SCMP_SYS(pwrite64),
                            SCMP_SYS(lseek),
                            SCMP_SYS(close),
                            SCMP_SYS(close_range),
                            SCMP_SYS(open),
                            SCMP_SYS(openat),
                            SCMP_SYS(stat),
                            SCMP_SYS(fstat),
                            SCMP_SYS(lstat),
                            SCMP_SYS(newfstatat),
                            SCMP_SYS(statx),
                            SCMP_SYS(access),
                            SCMP_SYS(faccessat),
                            SCMP_SYS(faccessat2),
                            SCMP_SYS(readlink),
                            SCMP_SYS(readlinkat),
                            SCMP_SYS(getdents64),
                            SCMP_SYS(getcwd),
                            SCMP_SYS(chdir),
                            SCMP_SYS(fadvise64),
                            SCMP_SYS(dup),
                            SCMP_SYS(dup2),
                            SCMP_SYS(dup3),
                            SCMP_SYS(pipe),
                            SCMP_SYS(pipe2),
                            SCMP_SYS(poll),
                            SCMP_SYS(ppoll),
                            SCMP_SYS(select),
                            SCMP_SYS(pselect6),
                            SCMP_SYS(epoll_create1),
                            SCMP_SYS(epoll_ctl),
                            SCMP_SYS(epoll_wait),
                            SCMP_SYS(epoll_pwait),
                            SCMP_SYS(eventfd2),
                            SCMP_SYS(mmap),
                            SCMP_SYS(munmap),
                            SCMP_SYS(mprotect),
                            SCMP_SYS(mremap),
                            SCMP_SYS(madvise),
                            SCMP_SYS(brk),
                            SCMP_SYS(rt_sigaction),
                            SCMP_SYS(rt_sigprocmask),
                            SCMP_SYS(rt_sigreturn),
                            SCMP_SYS(rt_sigpending),
                            SCMP_SYS(rt_sigtimedwait),
                            SCMP_SYS(rt_sigsuspend),
                            SCMP_SYS(sigaltstack),
                            SCMP_SYS(pause),
                            SCMP_SYS(alarm),
                            SCMP_SYS(setitimer),
                            SCMP_SYS(getitimer),
                            SCMP_SYS(nanosleep),
                            SCMP_SYS(clock_nanosleep),
                            SCMP_SYS(clock_gettime),
                            SCMP_SYS(clock_getres),
                            SCMP_SYS(gettimeofday),
                            SCMP_SYS(time),
                            SCMP_SYS(times),
                            SCMP_SYS(futex),
                            SCMP_SYS(set_robust_list),
                            SCMP_SYS(get_robust_list),
                            SCMP_SYS(set_tid_address),
                            SCMP_SYS(rseq),
                            SCMP_SYS(arch_prctl),
                            SCMP_SYS(gettid),
                            SCMP_SYS(getpid),
                            SCMP_SYS(getppid),
                            SCMP_SYS(getuid),
                            SCMP_SYS(geteuid),
                            SCMP_SYS(getgid),
                            SCMP_SYS(getegid),
                            SCMP_SYS(getgroups),
                            SCMP_SYS(getresuid),
                            SCMP_SYS(getresgid),
                            SCMP_SYS(getpgid),
                            SCMP_SYS(getpgrp),
                            SCMP_SYS(getsid),
                            SCMP_SYS(getrusage),
                            SCMP_SYS(getrlimit),
                            SCMP_SYS(setrlimit),
                            SCMP_SYS(sysinfo),
                            SCMP_SYS(uname),
                            SCMP_SYS(getrandom),
                            SCMP_SYS(sched_yield),
                            SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(getcpu),
                            SCMP_SYS(getpriority),
                            SCMP_SYS(umask),
                            SCMP_SYS(exit),
                            SCMP_SYS(exit_group),
                            SCMP_SYS(wait4),
                            SCMP_SYS(waitid),
                            SCMP_SYS(kill),
                            SCMP_SYS(tgkill),
                            SCMP_SYS(pidfd_send_signal),
                            SCMP_SYS(restart_syscall),
                            SCMP_SYS(capget),
                            SCMP_SYS(capset)};

// What programs with a scratch folder may call too: changing files, which file rules confine to
// that folder. No links, no special files, no owners.
constexpr int kScratchAllowed[] = {
    SCMP_SYS(mkdir),     SCMP_SYS(mkdirat), SCMP_SYS(rmdir),     SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),  SCMP_SYS(rename),  SCMP_SYS(renameat),  SCMP_SYS(renameat2),
    SCMP_SYS(chmod),     SCMP_SYS(fchmod),  SCMP_SYS(fchmodat),  SCMP_SYS(truncate),
    SCMP_SYS(ftruncate), SCMP_SYS(fsync),   SCMP_SYS(fdatasync), SCMP_SYS(utimensat)};

// Calls that are allowed with certain values of one argument only.
struct AllowedValues {
  int call;
  unsigned argument;
  std::initializer_list<uint64_t> values;
};

Status add_conditional_rules(scmp_filter_ctx context, bool has_pid_namespace) {
  const uint64_t fork_flags = SIGCHLD | CLONE_PIDFD | (has_pid_namespace ? CLONE_NEWPID : 0);
  const AllowedValues rules[] = {
      {SCMP_SYS(clone), 0, {fork_flags}},
      // Flags of an open file description are shared with later programs: they cannot be changed.
      {SCMP_SYS(fcntl), 1, {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC}},
      {SCMP_SYS(ioctl), 1, {TCGETS, FIOCLEX, FIONCLEX}},
      {SCMP_SYS(prctl), 0, {PR_SET_NAME, PR_GET_NAME, PR_GET_PDEATHSIG, PR_GET_DUMPABLE}},
      {SCMP_SYS(prlimit64), 0, {0}},
  };
  for (const AllowedValues& rule : rules) {
    for (const uint64_t value : rule.values) {
      const int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, rule.call, 1,
                                        SCMP_CMP(rule.argument, SCMP_CMP_EQ, value));
      if (code != 0) return filter_error("argument rule", code);
    }
  }
  // Without PID namespaces each child adds a filter of its own.
  if (!has_pid_namespace) {
    const int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 0);
    if (code != 0) return filter_error("seccomp", code);
  }
  return {};
}

// Returns the filter as the kernel takes it. The library writes to a descriptor only, so it goes
// through a file in memory.
Result<std::string> export_filter(scmp_filter_ctx context) {
  const int fd = memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0) return filter_error("memfd_create", -errno);
  const int code = seccomp_export_bpf(context, fd);
  std::string bytes(static_cast<size_t>(lseek(fd, 0, SEEK_END)), '\0');
  const ssize_t count = pread(fd, bytes.data(), bytes.size(), 0);
  close(fd);
  if (code != 0) return filter_error("export", code);
  if (count != static_cast<ssize_t>(bytes.size())) return filter_error("read back", -EIO);
  return bytes;
}

}  // namespace

Result<std::string> make_zygote_filter(bool has_pid_namespace, bool has_scratch) {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (filter == nullptr) return filter_error("init", -ENOMEM);
  // A tree instead of a list: about eight comparisons per call.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  for (const int call : kAllowed) {
    const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (code != 0) return filter_error("call " + std::to_string(call), code);
  }
  for (const int call : kScratchAllowed) {
    if (!has_scratch) break;
    const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (code != 0) return filter_error("call " + std::to_string(call), code);
  }
  const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (code != 0) return filter_error("clone3", code);
  TRY(add_conditional_rules(filter.get(), has_pid_namespace));
  return export_filter(filter.get());
}

Result<std::string> make_child_filter() {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (filter == nullptr) return filter_error("init", -ENOMEM);
  for (const int call : {SCMP_SYS(clone), SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(seccomp),
                         SCMP_SYS(pidfd_send_signal)}) {
    const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    if (code != 0) return filter_error("child call", code);
  }
  return export_filter(filter.get());
}

}  // namespace caco
