// What goes between the supervisor and an interpreter: the descriptors of both ends, sending, and
// draining within caps. protocol.h says what they carry.
//
// The descriptors are owned by whoever holds the struct: nothing closes them by itself, as most of
// them change hands.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace caco {

// Pairs of descriptors: the supervisor's, then the interpreter's, but for the pipes, whose first is
// the one to read.
struct Channels {
  std::array<int, 2> command{-1, -1}, program{-1, -1}, output{-1, -1}, errors{-1, -1},
      result{-1, -1};
  std::array<int, 2> input{-1, -1};  // one file in memory: to write, and to read only

  // Returns whether all could be opened; errno says why not. What was opened stays open.
  bool open_all();
  void close_child_ends();
  void close_all();
};

// Closes a descriptor if it is one, and sets it to -1.
void close_fd(int& fd);

// Sends all bytes of a short message; waits where the other side is slow. Returns whether it is
// still there.
bool send_all(int fd, std::string_view bytes);

// Reads what is there, up to the limit; what is above is thrown away, counted and sets `is_over`.
// Returns whether the other side is still there.
bool drain(int fd, int64_t limit, std::string& target, bool& is_over, int64_t* dropped = nullptr);

// The same until nothing is left. REQUIRES: nobody writes any more.
void drain_all(int fd, int64_t limit, std::string& target, bool& is_over);

}  // namespace caco
