#include "caco/sandbox/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace caco {
namespace {

constexpr size_t kReadBytes = 64 * 1024;

}  // namespace

bool Channels::open_all() {
  input[0] = memfd_create("input", MFD_CLOEXEC);
  if (input[0] < 0) return false;
  const std::string path = "/proc/self/fd/" + std::to_string(input[0]);
  input[1] = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return input[1] >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, command.data()) == 0 &&
         socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, program.data()) == 0 &&
         pipe2(output.data(), O_CLOEXEC) == 0 && pipe2(errors.data(), O_CLOEXEC) == 0 &&
         pipe2(result.data(), O_CLOEXEC) == 0;
}

void Channels::close_child_ends() {
  for (int* fd : {&input[1], &command[1], &program[1], &output[1], &errors[1], &result[1]})
    close_fd(*fd);
}

void Channels::close_all() {
  close_child_ends();
  for (int* fd : {&input[0], &command[0], &program[0], &output[0], &errors[0], &result[0]})
    close_fd(*fd);
}

void close_fd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool drain(int fd, int64_t limit, std::string& target, bool& is_over, int64_t* dropped) {
  char buffer[kReadBytes];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    const size_t room =
        static_cast<size_t>(limit) - std::min(static_cast<size_t>(limit), target.size());
    target.append(buffer, std::min(room, static_cast<size_t>(count)));
    if (static_cast<size_t>(count) > room) {
      is_over = true;
      if (dropped != nullptr) *dropped += static_cast<int64_t>(static_cast<size_t>(count) - room);
      return true;
    }
  }
}

void drain_all(int fd, int64_t limit, std::string& target, bool& is_over) {
  do {
    bool is_more = false;
    drain(fd, limit, target, is_more);
    if (!is_more) return;
    is_over = true;
  } while (true);
}

}  // namespace caco
