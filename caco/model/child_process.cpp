#include "caco/model/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

namespace caco {
namespace {

// How often the keeper looks whether the child has ended although someone still holds its output.
constexpr int kEndPollMs = 200;

// From here on in the child: only async-signal-safe calls, because the parent has other threads.
[[noreturn]] void become_child(char* const* arguments, int output, int problem_pipe, pid_t parent) {
  const auto give_up = [&](int number) {
    [[maybe_unused]] const ssize_t written = ::write(problem_pipe, &number, sizeof(number));
    ::_exit(127);
  };
  ::setpgid(0, 0);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(errno);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  const int null_input = ::open("/dev/null", O_RDONLY);
  if (null_input < 0 || ::dup2(null_input, 0) < 0) give_up(errno);
  if (::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) give_up(errno);
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  struct sigaction defaults {};
  defaults.sa_handler = SIG_DFL;
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    ::sigaction(number, &defaults, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::execv(arguments[0], arguments);
  give_up(errno);
  ::_exit(127);
}

Error cannot_start(const std::string& program, int number) {
  Error error{ErrorCode::Internal,
              "cannot start: " + program + ": " + std::generic_category().message(number), ""};
  if (number == ENOENT || number == EACCES || number == ENOEXEC) {
    error.code = ErrorCode::NotFound;
    error.hint = "build this program, or give the right path to it";
  } else if (number == EAGAIN || number == ENOMEM || number == EMFILE || number == ENFILE) {
    error.code = ErrorCode::ResourceExhausted;
    error.hint = "end other processes or raise the limits of this account";
  }
  return error;
}

}  // namespace

std::string to_string(const ChildEnd& end) {
  if (end.signal != 0) {
    const char* const description = ::sigdescr_np(end.signal);
    return "was ended by signal " + std::to_string(end.signal) + " (" +
           (description != nullptr ? description : "of no name") + ")";
  }
  return "exited with status " + std::to_string(end.exit_code);
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(ChildCommand command) {
  assert(!command.arguments.empty());
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return cannot_start(command.arguments[0], errno);
  std::unique_ptr<ChildProcess> child(new ChildProcess(std::move(command)));
  ChildProcess* const raw = child.get();
  child->keeper_ = std::thread([raw, output] { raw->keep(output[0], output[1]); });
  std::unique_lock lock(child->mutex_);
  child->changed_.wait(lock, [&] { return child->is_launched_; });
  if (!child->launch_status_.ok()) return child->launch_status_.error();
  lock.unlock();
  return child;
}

ChildProcess::~ChildProcess() {
  stop(kDefaultGraceMs);
  if (keeper_.joinable()) keeper_.join();
}

Status ChildProcess::launch(int output_end) {
  std::vector<char*> arguments;
  for (std::string& argument : command_.arguments)
    arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  int problem[2];
  if (::pipe2(problem, O_CLOEXEC) != 0) return cannot_start(command_.arguments[0], errno);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  const int fork_problem = errno;
  if (child == 0) become_child(arguments.data(), output_end, problem[1], parent);
  ::close(problem[1]);
  int number = fork_problem;
  bool is_started = child > 0;
  if (is_started) {
    // The pipe closes by itself when the new program runs.
    ssize_t count = 0;
    do {
      count = ::read(problem[0], &number, sizeof(number));
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
      ::waitpid(child, nullptr, 0);
      is_started = false;
    }
  }
  ::close(problem[0]);
  if (!is_started) return cannot_start(command_.arguments[0], number);
  const std::lock_guard lock(mutex_);
  pid_ = child;
  return {};
}

void ChildProcess::keep(int output, int output_end) {
  Status status = launch(output_end);
  ::close(output_end);
  const bool is_started = status.ok();
  {
    const std::lock_guard lock(mutex_);
    launch_status_ = std::move(status);
    is_launched_ = true;
    if (!is_started) has_ended_ = true;
  }
  changed_.notify_all();
  if (is_started) {
    read_output(output);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 &&
           errno == EINTR) {
    }
    // Reaped under the lock: after this the number may belong to another process.
    const std::lock_guard lock(mutex_);
    int wait_status = 0;
    ::waitpid(pid_, &wait_status, 0);
    end_.exit_code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    end_.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    has_ended_ = true;
  }
  ::close(output);
  changed_.notify_all();
}

void ChildProcess::read_output(int output) {
  std::string line;
  char buffer[4096];
  while (true) {
    pollfd waited{output, POLLIN, 0};
    const int num_ready = ::poll(&waited, 1, kEndPollMs);
    if (num_ready == 0) {
      if (has_exited()) break;  // a grandchild still holds the pipe
      continue;
    }
    if (num_ready < 0) {
      if (errno == EINTR) continue;
      break;
    }
    const ssize_t count = ::read(output, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    take_bytes(std::string_view(buffer, static_cast<size_t>(count)), line);
  }
  if (!line.empty()) finish_line(line);
}

bool ChildProcess::has_exited() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
         info.si_pid != 0;
}

void ChildProcess::take_bytes(std::string_view bytes, std::string& line) {
  for (const char c : bytes) {
    if (c == '\n' || c == '\r') {
      if (!line.empty()) finish_line(line);
    } else if (line.size() < kMaxLineBytes) {
      line.push_back(c);
    }
  }
}

void ChildProcess::finish_line(std::string& line) {
  if (command_.on_line) command_.on_line(line);
  const std::lock_guard lock(mutex_);
  tail_.push_back(std::move(line));
  if (tail_.size() > kNumTailLines) tail_.pop_front();
  line.clear();
}

bool ChildProcess::is_running() const {
  const std::lock_guard lock(mutex_);
  return !has_ended_;
}

bool ChildProcess::wait_for_end(int64_t timeout_ms) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return has_ended_; });
}

ChildEnd ChildProcess::end() const {
  const std::lock_guard lock(mutex_);
  assert(has_ended_);
  return end_;
}

void ChildProcess::stop(int64_t grace_ms) {
  send_signal(SIGTERM);
  if (wait_for_end(grace_ms)) return;
  send_signal(SIGKILL);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return has_ended_; });
}

void ChildProcess::send_signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!has_ended_ && pid_ > 0) ::kill(pid_, number);
}

std::string ChildProcess::tail() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const std::string& line : tail_)
    text += line + "\n";
  return text;
}

}  // namespace caco
