// Everything in the section `caco_native` below is copied out of this program and run elsewhere: it
// may use nothing but its stack, its argument and system calls. The build compiles this file
// without instrumentation, jump tables and library calls (CMakeLists.txt).
#include "caco/sandbox/native_code.h"

#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#define NATIVE __attribute__((section("caco_native"), noinline))

extern "C" {
extern const char __start_caco_native[];
extern const char __stop_caco_native[];
}

namespace caco {
namespace {

constexpr int64_t kCommandFd = 3;
constexpr int64_t kRun = 1, kKill = 2;
constexpr int64_t kNotKilled = 0, kCpuLimit = 1, kWallLimit = 2, kAsked = 3, kNoFork = 4;
constexpr int64_t kReapMicros = 1'000'000;  // how long a killed child is waited for at a time
constexpr int64_t kPage = 4096;
constexpr int64_t kInterrupted = -4;    // EINTR
constexpr int64_t kNothingThere = -14;  // EFAULT

// As in protocol.h.
struct Message {
  int64_t operation, run, program_bytes, cpu_us, wall_us, memory_bytes, rest[5];
};

struct Reply {
  int64_t run, status, why, cpu_us, wall_us, peak_kib;
};

struct Block {
  int64_t clone_flags, returns_after_answers;
  Message message;
};

// Makes a system call; a sixth argument is 0.
NATIVE int64_t call(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e) {
  register int64_t fourth asm("r10") = d;
  register int64_t fifth asm("r8") = e;
  register int64_t sixth asm("r9") = 0;
  int64_t result = 0;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

NATIVE int64_t at(const void* pointer) {
  return reinterpret_cast<int64_t>(pointer);
}

NATIVE void leave(int64_t code) {
  while (true)
    call(SYS_exit_group, code, 0, 0, 0, 0);
}

NATIVE int64_t clock_us(int64_t clock) {
  timespec now{0, 0};
  const int64_t failed = call(SYS_clock_gettime, clock, at(&now), 0, 0, 0);
  return failed != 0 ? -1 : now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

// Ends the process when there is nothing to read: the supervisor is gone.
NATIVE void read_message(Message* message) {
  for (int64_t count = 0; count < static_cast<int64_t>(sizeof(Message));) {
    const int64_t got = call(SYS_read, kCommandFd, at(message) + count,
                             static_cast<int64_t>(sizeof(Message)) - count, 0, 0);
    if (got == kInterrupted) continue;
    if (got <= 0) leave(0);
    count += got;
  }
}

NATIVE void write_reply(const Reply* reply) {
  for (int64_t count = 0; count < static_cast<int64_t>(sizeof(Reply));) {
    const int64_t put = call(SYS_write, kCommandFd, at(reply) + count,
                             static_cast<int64_t>(sizeof(Reply)) - count, 0, 0);
    if (put == kInterrupted) continue;
    if (put <= 0) leave(0);
    count += put;
  }
}

NATIVE void limit(int64_t resource, int64_t value) {
  const rlimit both{static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
  if (call(SYS_prlimit64, 0, resource, at(&both), 0, 0) != 0) leave(70);
}

// What differs from the zygote: no socket to the supervisor, limits that count this program alone,
// no capabilities and so no way to fork.
NATIVE void lock_child(const Block* block) {
  call(SYS_close, kCommandFd, 0, 0, 0, 0);
  call(SYS_lseek, 0, 0, 0, 0, 0);
  limit(RLIMIT_CPU, block->message.cpu_us / 1'000'000 + 2);
  limit(RLIMIT_AS, block->message.memory_bytes);
  limit(RLIMIT_NPROC, 0);
  const __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{{0, 0, 0}, {0, 0, 0}};
  if (call(SYS_capset, at(&header), at(none), 0, 0, 0) != 0) leave(70);
}

// Waits for a child and kills it at its limits or when asked to; returns why it was killed.
NATIVE int64_t watch(int64_t pid, int pidfd, const Message* message, int64_t started) {
  const int64_t cpu_clock = (~pid << 3) | 2;
  int64_t why = kNotKilled;
  int64_t wait_us = message->cpu_us < message->wall_us ? message->cpu_us : message->wall_us;
  while (true) {
    pollfd waiting[2] = {{pidfd, POLLIN, 0}, {kCommandFd, POLLIN, 0}};
    wait_us += 1000;
    const timespec pause{wait_us / 1'000'000, wait_us % 1'000'000 * 1000};
    const int64_t ready = call(SYS_ppoll, at(waiting), 2, at(&pause), 0, 0);
    if (ready > 0 && waiting[0].revents != 0) return why;
    if (ready > 0 && waiting[1].revents != 0) {
      Message other;
      read_message(&other);
      if (other.operation == kKill && other.run == message->run && why == kNotKilled) why = kAsked;
    }
    const int64_t used = clock_us(cpu_clock);
    const int64_t cpu_left = used < 0 ? 1 : message->cpu_us - used;
    const int64_t wall_left = message->wall_us - (clock_us(CLOCK_MONOTONIC) - started);
    if (why == kNotKilled && cpu_left <= 0) why = kCpuLimit;
    if (why == kNotKilled && wall_left <= 0) why = kWallLimit;
    wait_us = cpu_left < wall_left ? cpu_left : wall_left;
    if (why != kNotKilled) {
      call(SYS_pidfd_send_signal, pidfd, SIGKILL, 0, 0, 0);
      wait_us = kReapMicros;
    }
  }
}

NATIVE int64_t serve(Block* block) {
  while (true) {
    read_message(&block->message);
    if (block->message.operation != kRun) continue;
    const int64_t started = clock_us(CLOCK_MONOTONIC);
    int pidfd = -1;
    const int64_t pid = call(SYS_clone, block->clone_flags, 0, at(&pidfd), 0, 0);
    if (pid == 0) {
      lock_child(block);
      return kServeForked;
    }
    Reply reply{block->message.run, 0, kNoFork, -pid, 0, 0};
    if (pid > 0) {
      rusage usage;
      int status = 0;
      reply.why = watch(pid, pidfd, &block->message, started);
      while (call(SYS_wait4, pid, at(&status), 0, at(&usage), 0) == kInterrupted) {
      }
      call(SYS_close, pidfd, 0, 0, 0, 0);
      reply.status = status;
      reply.cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 +
                     usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
      reply.wall_us = clock_us(CLOCK_MONOTONIC) - started;
      reply.peak_kib = usage.ru_maxrss;
    }
    write_reply(&reply);
    if (block->returns_after_answers != 0) return kServeEnded;
  }
}

NATIVE int64_t replace(char* place, char* copy, int64_t size) {
  const int64_t self = call(SYS_getpid, 0, 0, 0, 0, 0);
  // From here on nothing but this stack may be written: what is in `place` would be lost. The
  // kernel copies, as it can say where nothing is.
  for (int64_t done = 0; done < size; done += kPage) {
    const iovec from{place + done, kPage}, to{copy + done, kPage};
    const int64_t count = call(SYS_process_vm_readv, self, at(&to), 1, at(&from), 1);
    if (count != kPage && count != kNothingThere) return count < 0 ? count : kNothingThere;
  }
  const int64_t moved =
      call(SYS_mremap, at(copy), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at(place));
  return moved == at(place) ? 0 : moved;
}

NATIVE int64_t take_arena(int64_t* region, int64_t size) {
  if (region[0] + size <= region[1]) {
    region[0] += size;
    return region[0] - size;
  }
  const int64_t arena =
      call(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  return arena < 0 && arena > -kPage ? 0 : arena;
}

NATIVE void give_arena(const int64_t* region, int64_t arena, int64_t size) {
  const bool is_inside = arena >= region[2] && arena < region[1];
  if (is_inside) {
    call(SYS_madvise, arena, size, MADV_DONTNEED, 0, 0);
  } else {
    call(SYS_munmap, arena, size, 0, 0, 0);
  }
}

}  // namespace

NativeCode native_code() {
  const char* const first = __start_caco_native;
  const auto place = [&](auto* function) {
    return reinterpret_cast<const char*>(function) - first;
  };
  return {{first, static_cast<size_t>(__stop_caco_native - first)},
          place(&serve),
          place(&replace),
          place(&take_arena),
          place(&give_arena)};
}

}  // namespace caco
