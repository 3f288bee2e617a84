#include "caco/sandbox/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/program/embedded_python.h"
#include "caco/sandbox/channels.h"
#include "caco/sandbox/embedded_python.h"
#include "caco/sandbox/native_code.h"
#include "caco/sandbox/system_call_filter.h"
#include "caco/sandbox/wall_limit.h"

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kStartTimeoutMs = 60'000;  // imports on a busy machine
constexpr int64_t kReplyGraceMs = 10'000;    // for a zygote to answer that it killed
constexpr int64_t kGivenUpCheckMs = 200;     // how often a caller is asked whether it still waits
constexpr int64_t kMaxDroppedBytes = 16 << 20;  // of stderr; more is a flood
constexpr int64_t kWarmUpRounds = 12;
constexpr char kOomScore[] = "800";

// Arranges where objects go before there are many, then does what Python's start had left out
// (site), loads the modules of the library from descriptor 4 and starts the worker.
constexpr char kBootstrap[] =
    "import sys\n"
    "pipe = open(4, 'rb', closefd=False)\n"
    "def take():\n"
    "    return pipe.read(int(pipe.readline()))\n"
    "def load(name, source):\n"
    "    module = sys.modules[name] = type(sys)(name)\n"
    "    exec(compile(source, '<' + name + '>', 'exec'), module.__dict__)\n"
    "    return module\n"
    "load('caco_fixed_clock', take())\n"
    "load('caco_memory', take()).begin(take().split())\n"
    "import site\n"
    "site.main()\n"
    "import json\n"
    "config = json.loads(take())\n"
    "for name, source in config['sources']:\n"
    "    load(name, source)\n"
    "del pipe\n"
    "sys.modules['caco_worker'].main(config)\n";

constexpr std::array<const char*, 23> kStandardModules = {
    "math",      "cmath",     "random",   "datetime",    "time",       "calendar",
    "itertools", "functools", "operator", "collections", "heapq",      "bisect",
    "copy",      "string",    "re",       "json",        "statistics", "fractions",
    "decimal",   "typing",    "numbers",  "enum",        "dataclasses"};

Error broken(const std::string& what) {
  return {ErrorCode::Unavailable, "cannot work with a sandbox worker: " + what, ""};
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string sized(std::string_view text) {
  return std::to_string(text.size()) + "\n" + std::string(text);
}

// As memory.py reads them.
std::string native_code_fields() {
  const NativeCode native = native_code();
  std::string fields = hex(native.bytes);
  for (const int64_t place : {native.serve, native.replace, native.take_arena, native.give_arena})
    fields += " " + std::to_string(place);
  return fields;
}

// When the machine runs out of memory, programs and their interpreters go before the supervisor.
void offer_to_oom_killer(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t ignored = write(fd, kOomScore, strlen(kOomScore));
  static_cast<void>(ignored);
  close(fd);
}

int64_t mapped_bytes(pid_t pid) {
  const Result<std::string> text = read_file("/proc/" + std::to_string(pid) + "/statm");
  int64_t pages = 0;
  if (!text.ok() || sscanf(text.value().c_str(), "%ld", &pages) != 1) return -1;
  return pages * sysconf(_SC_PAGESIZE);
}

}  // namespace

Result<std::unique_ptr<Zygote>> Zygote::start(const ZygoteSpec& spec) {
  Channels channels;
  if (!channels.open_all()) {
    const std::string reason = strerror(errno);
    channels.close_all();
    return Error{ErrorCode::ResourceExhausted,
                 "cannot open channels to a sandbox worker: " + reason, ""};
  }
  JailSpec jail;
  jail.python = spec.python;
  jail.arguments = {"-S", "-s", "-B", "-c", kBootstrap};
  jail.environment = {"PYTHONHASHSEED=" + std::to_string(spec.seed),
                      "PYTHONUTF8=1",
                      "LD_BIND_NOW=1",
                      "GLIBC_TUNABLES=glibc.pthread.rseq=0",  // the kernel would write to a page
                      "OPENBLAS_NUM_THREADS=1",
                      "OMP_NUM_THREADS=1",
                      "MKL_NUM_THREADS=1"};
  jail.fds = {channels.input[1],   channels.output[1],  channels.errors[1],
              channels.command[1], channels.program[1], channels.result[1]};
  jail.slot = spec.slot;
  jail.strength = spec.strength;
  jail.scratch_bytes = spec.has_scratch ? kMaxScratchBytes : 0;
  Result<pid_t> pid = start_jailed(jail);
  if (!pid.ok()) {
    channels.close_all();
    return pid.error();
  }
  channels.close_child_ends();
  offer_to_oom_killer(pid.value());
  std::unique_ptr<Zygote> zygote(new Zygote);
  zygote->pid_ = pid.value();
  zygote->command_fd_ = channels.command[0];
  zygote->program_fd_ = channels.program[0];
  zygote->stdin_fd_ = channels.input[0];
  zygote->stdout_fd_ = channels.output[0];
  zygote->stderr_fd_ = channels.errors[0];
  zygote->result_fd_ = channels.result[0];
  for (const int fd : {zygote->stdout_fd_, zygote->stderr_fd_, zygote->result_fd_})
    fcntl(fd, F_SETFL, O_NONBLOCK);
  TRY(zygote->configure(spec));
  TRY(zygote->wait_until_ready());
  zygote->own_address_space_ = mapped_bytes(zygote->pid_);
  if (zygote->own_address_space_ < 0) return broken("its size cannot be read from /proc");
  return zygote;
}

Zygote::~Zygote() {
  if (pid_ > 0) {
    // With it goes its PID namespace, and with that everything a program may have started.
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (int* fd : {&command_fd_, &program_fd_, &stdin_fd_, &stdout_fd_, &stderr_fd_, &result_fd_})
    close_fd(*fd);
}

Status Zygote::configure(const ZygoteSpec& spec) {
  const bool is_full = spec.strength == JailStrength::Full;
  Json modules = Json::array();
  for (const char* name : kStandardModules)
    modules.push_back(name);
  if (spec.image == Image::Scientific) modules.push_back("numpy");
  if (spec.image != Image::Standard) modules.push_back("sympy");
  Json config;
  config["sources"] = Json::array({{"caco_written_form", kWrittenFormSource},
                                   {"caco_input_use", kInputUseSource},
                                   {"caco_facts", kFactsSource},
                                   {"caco_unified_text", kUnifiedTextSource},
                                   {"caco_unify", kUnifySource},
                                   {"caco_plain_values", kPlainValuesSource},
                                   {"caco_encode", kEncodeSource},
                                   {"caco_compat", kCompatSource},
                                   {"caco_scratch", kScratchSource},
                                   {"caco_child", kChildSource},
                                   {"caco_warm_up", kWarmUpSource},
                                   {"caco_worker", kWorkerSource}});
  config["modules"] = std::move(modules);
  config["filter"] = hex(TRY(make_zygote_filter(is_full, spec.has_scratch)));
  config["child_filter"] = is_full ? "" : hex(TRY(make_child_filter()));
  config["pid_namespace"] = is_full;
  config["scratch"] = spec.has_scratch ? kScratchFolder : "";
  config["seed"] = spec.seed;
  config["warm_up_rounds"] = kWarmUpRounds;
  const std::string text = sized(kFixedClockSource) + sized(kMemorySource) +
                           sized(native_code_fields()) + sized(dump_json(config));
  if (!send_all(program_fd_, text)) {
    return wait_until_ready();  // it is gone: read what it said
  }
  fcntl(program_fd_, F_SETFL, O_NONBLOCK);
  return {};
}

Status Zygote::wait_until_ready() {
  std::string line;
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(kStartTimeoutMs);
  while (line.empty() || line.back() != '\n') {
    const int64_t left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{command_fd_, POLLIN, 0};
    if (left <= 0 || (poll(&waiting, 1, static_cast<int>(left)) < 0 && errno != EINTR)) {
      return broken("it did not become ready in time");
    }
    char buffer[256];
    const ssize_t count = recv(command_fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0)
      return broken("it ended while starting; is the interpreter Python 3.9 or newer?");
    line.append(buffer, static_cast<size_t>(count));
  }
  if (line == "ready\n") return {};
  return broken(line.substr(0, line.size() - 1));
}

// A child reads from the start; what an earlier program was given is gone before it is forked.
Status Zygote::fill_standard_input(std::string_view text) {
  if (text.empty() && !has_standard_input_) return {};
  has_standard_input_ = !text.empty();
  bool is_done = ftruncate(stdin_fd_, 0) == 0;
  for (off_t at = 0; is_done && at < static_cast<off_t>(text.size());) {
    const ssize_t count =
        pwrite(stdin_fd_, text.data() + at, text.size() - static_cast<size_t>(at), at);
    if (count < 0 && errno == EINTR) continue;
    is_done = count > 0;
    at += count;
  }
  if (is_done) return {};
  return broken(std::string("no room for the standard input: ") + strerror(errno));
}

Result<RawRun> Zygote::run(std::string_view program, std::string_view nonce,
                           const RunLimits& limits) {
  RunRequest request;
  request.program = program;
  return run(request, nonce, limits);
}

Result<RawRun> Zygote::run(const RunRequest& request, std::string_view nonce,
                           const RunLimits& limits) {
  ++run_;
  TRY(fill_standard_input(request.standard_input));
  const int64_t size = static_cast<int64_t>(request.program.size());
  const std::string order = encode_scratch_order(request);
  const int64_t address_space = own_address_space_ + limits.memory_bytes;
  RunLimits last = limits;  // what the zygote enforces by itself; exchange is before it
  last.wall_us = limits.wall_us * WallLimit::kMaxStretch;
  if (!send_all(command_fd_, encode_run_message(run_, size, last, address_space,
                                                static_cast<int64_t>(order.size()), request))) {
    return broken("it is gone");
  }
  RawRun raw;
  TRY(exchange(std::string(nonce) + request.program + order,
               max_result_bytes(size, limits) + max_scratch_frame_bytes(request), limits,
               request.is_given_up, raw));
  if (raw.killed == KillReason::NoFork) {
    return broken(std::string("it cannot fork: ") + strerror(static_cast<int>(raw.cpu_us)));
  }
  return raw;
}

Status Zygote::exchange(std::string_view unsent, int64_t result_limit, const RunLimits& limits,
                        const std::function<bool()>& is_given_up, RawRun& raw) {
  WallLimit wall(pid_, limits.wall_us, limits.core_waiting);
  Clock::time_point deadline{};
  std::string reply;
  bool is_kill_sent = false, is_late = false;
  int64_t dropped = 0;  // bytes of stderr
  while (static_cast<int64_t>(reply.size()) < kReplyBytes) {
    std::array<pollfd, 5> waiting{{{command_fd_, POLLIN, 0},
                                   {stdout_fd_, POLLIN, 0},
                                   {result_fd_, POLLIN, 0},
                                   {unsent.empty() ? -1 : program_fd_, POLLOUT, 0},
                                   {stderr_fd_, POLLIN, 0}}};
    if (is_kill_sent && Clock::now() > deadline) return broken("it did not answer in time");
    const int64_t left = is_kill_sent ? kReplyGraceMs : wall.left_ms();
    const int64_t pause = is_given_up ? std::min(left, kGivenUpCheckMs) : left;
    if (poll(waiting.data(), waiting.size(), static_cast<int>(pause)) < 0 && errno != EINTR) {
      return broken(strerror(errno));
    }
    if (waiting[3].revents != 0) {
      const ssize_t count = send(program_fd_, unsent.data(), unsent.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) return broken("it takes no program");
      unsent.remove_prefix(static_cast<size_t>(std::max<ssize_t>(count, 0)));
    }
    if (waiting[1].revents != 0 &&
        !drain(stdout_fd_, limits.stdout_bytes, raw.stdout_text, raw.is_stdout_over)) {
      return broken("it closed the output");
    }
    if (waiting[2].revents != 0 &&
        !drain(result_fd_, result_limit, raw.result_bytes, raw.is_result_over)) {
      return broken("it closed the result");
    }
    // Too much of it is thrown away. A flood is ended: how long it lasts would depend on the load.
    if (waiting[4].revents != 0) {
      if (!drain(stderr_fd_, limits.stderr_bytes, raw.stderr_text, raw.is_stderr_over, &dropped)) {
        return broken("it closed the error output");
      }
      if (dropped > kMaxDroppedBytes) raw.is_stdout_over = true;
    }
    const bool is_over = raw.is_stdout_over || raw.is_result_over;
    if (!is_kill_sent && wall.is_over()) is_late = true;
    if (!is_kill_sent && (is_over || is_late || (is_given_up && is_given_up()))) {
      is_kill_sent = true;
      deadline = Clock::now() + std::chrono::milliseconds(kReplyGraceMs);
      if (!send_all(command_fd_, encode_kill_message(run_))) return broken("it is gone");
    }
    if (waiting[0].revents != 0) {
      char buffer[kReplyBytes];
      const ssize_t count =
          recv(command_fd_, buffer, static_cast<size_t>(kReplyBytes) - reply.size(), MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return broken("it died");
      reply.append(buffer, static_cast<size_t>(std::max<ssize_t>(count, 0)));
    }
  }
  if (decode_reply(reply, raw) != run_) return broken("it answered for another run");
  if (is_late && raw.killed == KillReason::Asked) raw.killed = KillReason::WallLimit;
  // From here on the child and all that it started are dead: what is in the pipes is all there is.
  drain(stdout_fd_, limits.stdout_bytes, raw.stdout_text, raw.is_stdout_over);
  drain(result_fd_, result_limit, raw.result_bytes, raw.is_result_over);
  drain_all(stderr_fd_, limits.stderr_bytes, raw.stderr_text, raw.is_stderr_over);
  if (!unsent.empty()) return broken("a child died before it had its program");
  return {};
}

}  // namespace caco
