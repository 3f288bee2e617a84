#include "caco/store/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "caco/base/file.h"

namespace caco {
namespace {

// A run that was killed a moment ago may still hold the lock, by a child between its birth and its
// own end. So the lock is tried for a second before it counts as taken.
constexpr int kMaxTries = 20;
constexpr std::chrono::milliseconds kPause(50);

Error cannot_lock(const RunDirectory& run, int number) {
  return Error{
      ErrorCode::Internal,
      "cannot lock: " + run.lock().string() + ": " + std::generic_category().message(number), ""};
}

}  // namespace

Result<RunLock> RunLock::acquire(const RunDirectory& run) {
  TRY(make_folders(run.root()));
  const int descriptor = ::open(run.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return cannot_lock(run, errno);
  RunLock lock(descriptor);
  int result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  for (int i = 0; i < kMaxTries && result != 0 && errno == EWOULDBLOCK; ++i) {
    std::this_thread::sleep_for(kPause);
    result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  }
  if (result != 0) {
    if (errno != EWOULDBLOCK) return cannot_lock(run, errno);
    const Result<std::string> holder = read_file(run.lock());
    const std::string process =
        holder.ok() && !holder.value().empty() ? "process " + holder.value() : "another process";
    return Error{ErrorCode::Unavailable,
                 process + " is working in this run: " + run.root().string(),
                 "wait for it, stop it, or run into another folder with --output"};
  }
  // For people and for the message above; the lock itself is the kernel's.
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, process.data(), process.size(), 0) < 0) {
    return cannot_lock(run, errno);
  }
  return lock;
}

RunLock::RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RunLock& RunLock::operator=(RunLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace caco
