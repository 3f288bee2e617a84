// Theory of operation. Each worker slot has its own warm interpreters ("zygotes", zygote.h), one
// for each image that its programs asked for, each started inside the jail (jail.h) and locked down
// before the first program. For each program the zygote forks a child into a PID namespace of its
// own; the child looks at the program (facts.py), runs it, writes what came out as data (encode.py)
// and ends. The zygote watches CPU and wall time and kills; the supervisor, here, drains what the
// child writes within caps, and reads it only after the child and all its descendants are dead.
//
// Verdicts come from CPU time; wall time is a backstop far behind it, so that a loaded machine does
// not change them. A zygote that fails in any way is thrown away and the program run again with a
// new one; when that fails kMaxTries times, it is an Error and never a verdict on the program.
//
// Not promised: a program can lie about its own result (it shares an address space with the code
// that writes it), but not about another's; CPU caches and clocks stay observable; the kernel
// itself is trusted.
#include "caco/sandbox/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "caco/base/log.h"
#include "caco/sandbox/control_groups.h"
#include "caco/sandbox/embedded_python.h"
#include "caco/sandbox/protocol.h"
#include "caco/sandbox/zygote.h"

namespace caco {
namespace {

// What a sandbox must enforce to be called one; names as in self_test.py and below.
constexpr std::array<std::string_view, 11> kMinimum = {"network",
                                                       "unix sockets",
                                                       "write in the folder",
                                                       "write in /tmp",
                                                       "write in /dev/shm",
                                                       "write beside the interpreter",
                                                       "fork",
                                                       "exec",
                                                       "kill the parent",
                                                       "more memory than allowed",
                                                       "CPU time limit"};

// One interpreter may have died while nobody used it, and one while it started.
constexpr int kMaxTries = 3;
constexpr int64_t kSelfTestCpuUs = 30'000;
constexpr int64_t kSecondSeed = 1;
constexpr int64_t kOtherDay = 1'234'567'890;  // when second runs think they are
constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kStderrBytes = 64 * 1024;
constexpr int64_t kSlotBytes = 1 << 30;  // for the interpreters of a slot, beside its program
constexpr int64_t kSlotProcesses = 32;

// What a zygote is kept for.
struct ZygoteKey {
  Image image = Image::Standard;
  int64_t seed = 0;
  bool has_scratch = false;
  auto operator<=>(const ZygoteKey&) const = default;
};

// One worker slot; used by one caller at a time.
struct Slot {
  int64_t index = 0;
  std::map<ZygoteKey, std::unique_ptr<Zygote>> zygotes;
};

// Any mention counts, also one that is no import statement: a library that has to be imported in
// the child costs CPU time that the program would pay for.
Image image_for(std::string_view program) {
  const auto mentions = [&](std::string_view name) {
    return program.find(name) != std::string_view::npos;
  };
  if (mentions("numpy") || mentions("scipy")) return Image::Scientific;
  return mentions("sympy") || mentions("mpmath") ? Image::Symbolic : Image::Standard;
}

Result<std::string> make_nonce() {
  std::string nonce(static_cast<size_t>(kNonceBytes), '\0');
  if (getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) {
    return Error{ErrorCode::Unavailable, std::string("cannot get random bytes: ") + strerror(errno),
                 ""};
  }
  return nonce;
}

class WarmSandbox final : public Sandbox {
 public:
  explicit WarmSandbox(const SandboxOptions& options) : options_(options) {
    limits_.cpu_us = options.cpu_limit_ms * 1000;
    limits_.wall_us = options.wall_limit_ms * 1000;
    if (options.wall_limit_counts_waiting) limits_.core_waiting = CoreWaiting::Counted;
    limits_.memory_bytes = options.memory_limit_mb * kMiB;
    limits_.stdout_bytes = options.stdout_limit_bytes;
    limits_.value_bytes = options.value_limit_bytes;
    limits_.max_int_digits = options.max_int_digits;
    limits_.stderr_bytes = kStderrBytes;
    slots_.resize(static_cast<size_t>(options.num_workers));
    for (size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].index = static_cast<int64_t>(i);
      free_slots_.push_back(&slots_[i]);
    }
  }

  Status open();
  Result<Execution> run(const std::string& program) override;
  Result<RunReport> run_request(const RunRequest& request) override;
  std::vector<SandboxCheck> checks() const override { return checks_; }

 private:
  // Holds a slot for as long as it lives.
  class Lease {
   public:
    explicit Lease(WarmSandbox& owner) : owner_(owner), slot_(owner.take_slot()) {}
    ~Lease() { owner_.give_slot(slot_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Slot& slot() { return *slot_; }

   private:
    WarmSandbox& owner_;
    Slot* slot_;
  };

  Slot* take_slot();
  void give_slot(Slot* slot);
  Status choose_strength();
  Status self_test();
  void open_groups();
  // What a slot's group may use, where there are groups; no program's own limit is above it.
  int64_t group_bytes() const { return limits_.memory_bytes + kSlotBytes; }
  Result<Execution> run_in(Slot& slot, const std::string& program, int64_t seed,
                           const RunLimits& limits);
  Status run_again(Slot& slot, RunRequest& request, const RunLimits& limits, RunReport& report);
  Result<RunReport> run_in(Slot& slot, const RunRequest& request, int64_t seed,
                           const RunLimits& limits);
  Result<RunReport> try_in(Slot& slot, const RunRequest& request, int64_t seed,
                           const RunLimits& limits);
  Result<Execution> try_in(Slot& slot, const std::string& program, int64_t seed,
                           const RunLimits& limits);

  const SandboxOptions options_;
  RunLimits limits_;
  JailStrength strength_ = JailStrength::Full;
  std::vector<SandboxCheck> checks_;
  std::unique_ptr<ControlGroups> groups_;  // outlives the interpreters; null where not delegated
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable is_slot_free_;
  std::vector<Slot*> free_slots_;
};

Slot* WarmSandbox::take_slot() {
  std::unique_lock<std::mutex> lock(mutex_);
  is_slot_free_.wait(lock, [this] { return !free_slots_.empty(); });
  Slot* slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void WarmSandbox::give_slot(Slot* slot) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_slots_.push_back(slot);
  }
  is_slot_free_.notify_one();
}

Result<RunReport> WarmSandbox::try_in(Slot& slot, const RunRequest& request, int64_t seed,
                                      const RunLimits& limits) {
  const ZygoteKey key{image_for(request.program), seed, request.has_scratch};
  std::unique_ptr<Zygote>& zygote = slot.zygotes[key];
  if (zygote == nullptr) {
    zygote = TRY(
        Zygote::start({options_.python, key.image, slot.index, seed, strength_, key.has_scratch}));
    if (groups_ != nullptr) TRY(groups_->add(slot.index, zygote->pid()));
  }
  const std::string nonce = TRY(make_nonce());
  const RawRun raw = TRY(zygote->run(request, nonce, limits));
  return report_run(raw, nonce, limits);
}

Result<Execution> WarmSandbox::try_in(Slot& slot, const std::string& program, int64_t seed,
                                      const RunLimits& limits) {
  RunRequest request;
  request.program = program;
  RunReport report = TRY(try_in(slot, request, seed, limits));
  return std::move(report.execution);
}

Result<RunReport> WarmSandbox::run_in(Slot& slot, const RunRequest& request, int64_t seed,
                                      const RunLimits& limits) {
  const ZygoteKey key{image_for(request.program), seed, request.has_scratch};
  Result<RunReport> report = try_in(slot, request, seed, limits);
  for (int tries = 1; !report.ok() && tries < kMaxTries; ++tries) {
    log_message(LogLevel::Warning, "sandbox: " + to_string(report.error()) + "; trying once more");
    slot.zygotes.erase(key);
    report = try_in(slot, request, seed, limits);
  }
  if (!report.ok()) slot.zygotes.erase(key);
  return report;
}

Result<Execution> WarmSandbox::run_in(Slot& slot, const std::string& program, int64_t seed,
                                      const RunLimits& limits) {
  RunRequest request;
  request.program = program;
  RunReport report = TRY(run_in(slot, request, seed, limits));
  return std::move(report.execution);
}

Execution too_long() {
  Execution execution;
  execution.verdict = ExecutionVerdict::CompileError;
  execution.error_message = "the program is too long";
  return execution;
}

Result<RunReport> WarmSandbox::run_request(const RunRequest& request) {
  TRY(check_request(request));
  if (static_cast<int64_t>(request.program.size()) > kMaxProgramBytes) {
    RunReport report;
    report.execution = too_long();
    report.exit_code = 1;
    return report;
  }
  const bool has_files = !request.files.empty() || !request.wanted_files.empty();
  const bool can_scratch = strength_ == JailStrength::Full;
  if (has_files && !can_scratch) {
    return Error{ErrorCode::Unavailable, "no scratch folder for files without namespaces",
                 "allow unprivileged user namespaces, or run as root"};
  }
  RunLimits limits = limits_;
  if (request.cpu_limit_ms > 0) limits.cpu_us = request.cpu_limit_ms * 1000;
  if (request.wall_limit_ms > 0) limits.wall_us = request.wall_limit_ms * 1000;
  if (request.memory_limit_mb > 0) limits.memory_bytes = request.memory_limit_mb * kMiB;
  if (groups_ != nullptr) limits.memory_bytes = std::min(limits.memory_bytes, group_bytes());
  if (request.stdout_limit_bytes > 0) limits.stdout_bytes = request.stdout_limit_bytes;
  RunRequest adapted = request;
  adapted.has_scratch = can_scratch && (request.has_scratch || has_files);
  adapted.runs_twice = request.runs_twice || options_.run_twice;
  Lease lease(*this);
  RunReport report = TRY(run_in(lease.slot(), adapted, 0, limits));
  if (adapted.runs_twice) TRY(run_again(lease.slot(), adapted, limits, report));
  return report;
}

// A program whose second run, with other seeds and on another day, gives something else is marked.
Status WarmSandbox::run_again(Slot& slot, RunRequest& request, const RunLimits& limits,
                              RunReport& report) {
  Execution& first = report.execution;
  const bool has_value = first.verdict == ExecutionVerdict::Ok;
  if (!has_value && first.verdict != ExecutionVerdict::NoOutput) return {};
  if (!request.fixed_time_s) request.fixed_time_s = kOtherDay;
  request.wants_facts = false;
  const Execution second = TRY(run_in(slot, request, kSecondSeed, limits)).execution;
  first.is_deterministic =
      second.verdict == first.verdict && (has_value ? second.output_repr == first.output_repr
                                                    : second.stdout_text == first.stdout_text);
  return {};
}

Result<Execution> WarmSandbox::run(const std::string& program) {
  RunRequest request;
  request.program = program;
  RunReport report = TRY(run_request(request));
  return std::move(report.execution);
}

// Takes the strongest jail in which an interpreter starts.
Status WarmSandbox::choose_strength() {
  Lease lease(*this);
  const Result<Execution> full = try_in(lease.slot(), "output = 1\n", 0, limits_);
  if (full.ok()) return {};
  lease.slot().zygotes.clear();
  strength_ = JailStrength::NoNamespaces;
  const Result<Execution> plain = try_in(lease.slot(), "output = 1\n", 0, limits_);
  checks_.push_back({"namespaces", false, full.error().message});
  if (plain.ok()) return {};
  lease.slot().zygotes.clear();
  Error error = full.error();
  error.hint =
      "check that " + options_.python + " runs; without namespaces: " + plain.error().message;
  return error;
}

Status WarmSandbox::self_test() {
  Lease lease(*this);
  std::string program(kSelfTestSource);
  program += "\nattempt_all(" + std::to_string(2 * limits_.memory_bytes) + ")\n";
  RunLimits limits = limits_;
  limits.cpu_us = std::max<int64_t>(limits.cpu_us, 2'000'000);
  limits.wall_us = std::max<int64_t>(limits.wall_us, 10'000'000);
  limits.value_bytes = std::max<int64_t>(limits.value_bytes, 64 * 1024);
  const Execution tried = TRY(run_in(lease.slot(), program, 0, limits));
  if (tried.verdict != ExecutionVerdict::Ok || !tried.output_value.is_array()) {
    return Error{ErrorCode::Unavailable,
                 "cannot test the sandbox: " + std::string(to_string(tried.verdict)) + ": " +
                     tried.error_type + " " + tried.error_message,
                 ""};
  }
  for (const Json& row : tried.output_value) {
    checks_.push_back(
        {row.at(0).get<std::string>(), row.at(1).get<bool>(), row.at(2).get<std::string>()});
  }
  limits.cpu_us = kSelfTestCpuUs;
  const Execution spun = TRY(run_in(lease.slot(), "while True: pass\n", 0, limits));
  checks_.push_back({"CPU time limit", spun.verdict == ExecutionVerdict::CpuTimeLimit,
                     std::string(to_string(spun.verdict))});
  return {};
}

// Control groups count what a slot uses together. They come on top: limits of each process hold
// without them.
void WarmSandbox::open_groups() {
  static std::atomic<int64_t> num_sandboxes{0};
  const std::string name =
      "caco-" + std::to_string(getpid()) + "-" + std::to_string(num_sandboxes++);
  Result<std::string> folder = own_group_folder();
  Result<std::unique_ptr<ControlGroups>> groups =
      folder.ok() ? ControlGroups::create(folder.value(), name, options_.num_workers,
                                          {group_bytes(), kSlotProcesses})
                  : folder.error();
  if (!groups.ok()) {
    log_message(LogLevel::Debug, "sandbox: " + groups.error().message);
    return;
  }
  groups_ = std::move(groups).value();
  checks_.push_back({"control groups", true, "memory and processes of a slot count together"});
}

Status WarmSandbox::open() {
  open_groups();
  TRY(choose_strength());
  TRY(self_test());
  std::string missing;
  for (const std::string_view name : kMinimum) {
    const auto found = std::find_if(checks_.begin(), checks_.end(),
                                    [&](const SandboxCheck& check) { return check.name == name; });
    if (found != checks_.end() && found->is_enforced) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (missing.empty() || options_.allow_weak_isolation) return {};
  return Error{ErrorCode::Unavailable, "the kernel does not isolate programs: " + missing,
               "allow unprivileged user namespaces, or run as root; allow_weak_isolation runs "
               "programs anyway"};
}

}  // namespace

void describe(OptionFields& fields, SandboxOptions& options) {
  fields.integer("num_workers", options.num_workers, 1, 4096, "programs that run at the same time");
  fields.last_is_performance_only();
  fields.integer("cpu_limit_ms", options.cpu_limit_ms, 10, 3'600'000,
                 "CPU time of one program, in milliseconds");
  fields.integer("wall_limit_ms", options.wall_limit_ms, 10, 36'000'000,
                 "wall time of one program, in milliseconds; a backstop, far above the CPU time");
  fields.integer("memory_limit_mb", options.memory_limit_mb, 16, 1 << 20,
                 "memory of one program beside the interpreter, in MiB");
  fields.integer("stdout_limit_bytes", options.stdout_limit_bytes, 0, 1 << 30,
                 "bytes that a program may print");
  fields.integer("value_limit_bytes", options.value_limit_bytes, 16, 1 << 26,
                 "bytes of `input` and of `output` as data");
  fields.integer("max_int_digits", options.max_int_digits, 1, 1'000'000,
                 "decimal digits of one integer");
  fields.boolean(
      "run_twice", options.run_twice,
      "run each program twice with different hash seeds and mark those whose output differs");
  fields.text("python", options.python, "the interpreter: CPython 3.9 or newer");
  fields.boolean("allow_weak_isolation", options.allow_weak_isolation,
                 "run although the kernel cannot give the stated minimum of isolation");
}

Result<RunReport> Sandbox::run_request(const RunRequest&) {
  return Error{ErrorCode::Unavailable, "this sandbox runs programs by their text alone", ""};
}

Result<std::unique_ptr<Sandbox>> Sandbox::create(const SandboxOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.python, ignored)) {
    return Error{ErrorCode::NotFound, "cannot find the interpreter: " + options.python,
                 "install python3 or set `python`"};
  }
  if (options.num_workers < 1) {
    return Error{ErrorCode::InvalidArgument,
                 "num_workers must be at least 1: " + std::to_string(options.num_workers), ""};
  }
  auto sandbox = std::make_unique<WarmSandbox>(options);
  TRY(sandbox->open());
  return std::unique_ptr<Sandbox>(std::move(sandbox));
}

}  // namespace caco
