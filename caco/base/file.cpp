#include "caco/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace caco {
namespace {

std::atomic<int64_t> fault_countdown{0};
std::atomic<WriteFault> write_fault{WriteFault::None};
std::atomic<int64_t> temporary_counter{0};

Error error_from_errno(const std::string& what, const std::filesystem::path& path, int number) {
  Error error;
  error.message = what + ": " + path.string() + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOENT:
      error.code = ErrorCode::NotFound;
      break;
    case ENOSPC:
    case EDQUOT:
      error.code = ErrorCode::ResourceExhausted;
      error.hint = "free some disk space and run the same command again; finished work is kept";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      error.code = ErrorCode::InvalidArgument;
      error.hint = "check the owner and the permissions of this path";
      break;
    default:
      error.code = ErrorCode::Internal;
  }
  return error;
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Status write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return error_from_errno("cannot write", path, errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status sync_path(const std::filesystem::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return error_from_errno("cannot open", path, errno);
  if (::fsync(descriptor.number()) != 0) return error_from_errno("cannot sync", path, errno);
  return {};
}

// The fault that this write has to meet, if any.
WriteFault next_fault() {
  if (write_fault.load() == WriteFault::None) return WriteFault::None;
  return fault_countdown.fetch_sub(1) <= 1 ? write_fault.load() : WriteFault::None;
}

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

void set_write_fault(WriteFault fault, int64_t countdown) {
  fault_countdown = countdown;
  write_fault = fault;
}

Result<std::string> read_file(const std::filesystem::path& path, int64_t max_bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return error_from_errno("cannot open", path, errno);
  struct stat info {};
  if (::fstat(descriptor.number(), &info) != 0) return error_from_errno("cannot stat", path, errno);
  if (S_ISDIR(info.st_mode)) return error_from_errno("cannot read", path, EISDIR);
  if (info.st_size > max_bytes) {
    return Error{ErrorCode::ResourceExhausted,
                 "file is larger than " + std::to_string(max_bytes) + " bytes: " + path.string(),
                 ""};
  }
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t filled = 0;
  while (true) {
    if (filled == content.size())
      content.resize(content.size() + 65536);  // a pipe, or a file that grew
    const ssize_t count =
        ::read(descriptor.number(), content.data() + filled, content.size() - filled);
    if (count < 0) {
      if (errno == EINTR) continue;
      return error_from_errno("cannot read", path, errno);
    }
    if (count == 0) break;
    filled += static_cast<size_t>(count);
    if (filled > static_cast<size_t>(max_bytes)) {
      return Error{ErrorCode::ResourceExhausted,
                   "file is larger than " + std::to_string(max_bytes) + " bytes: " + path.string(),
                   ""};
    }
  }
  content.resize(filled);
  return content;
}

Status make_folders(const std::filesystem::path& path) {
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) return error_from_errno("cannot create folder", path, problem.value());
  return {};
}

std::filesystem::path temporary_path_for(const std::filesystem::path& path) {
  return parent_of(path) / ("." + path.filename().string() + ".tmp-" + std::to_string(::getpid()) +
                            "-" + std::to_string(temporary_counter.fetch_add(1)));
}

Status publish_path(const std::filesystem::path& temporary,
                    const std::filesystem::path& final_path) {
  TRY(sync_path(temporary));
  if (::rename(temporary.c_str(), final_path.c_str()) != 0) {
    return error_from_errno("cannot rename to", final_path, errno);
  }
  return sync_path(parent_of(final_path));
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  TRY(make_folders(parent_of(path)));
  const std::filesystem::path temporary = temporary_path_for(path);
  const WriteFault fault = next_fault();
  const std::string_view written =
      fault == WriteFault::None ? content : content.substr(0, content.size() / 2);
  {
    const Descriptor descriptor(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (descriptor.number() < 0) return error_from_errno("cannot create", temporary, errno);
    const Status status = write_all(descriptor.number(), written, temporary);
    if (!status.ok()) {
      ::unlink(temporary.c_str());
      return status.error();
    }
  }
  if (fault == WriteFault::Kill) ::raise(SIGKILL);
  if (fault == WriteFault::DiskFull) {
    ::unlink(temporary.c_str());
    return error_from_errno("cannot write", path, ENOSPC);
  }
  return publish_path(temporary, path);
}

}  // namespace caco
