#include "caco/store/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "caco/base/file.h"

namespace caco {
namespace {

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
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
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
