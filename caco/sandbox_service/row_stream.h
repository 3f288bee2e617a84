// RowStream: lines in, lines out, worked on by several threads, in the order of the lines or as
// they become ready. What is made and not yet taken is bounded, so that a slow reader holds up the
// work and not the memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace caco {

struct RowWork {
  int64_t num_threads = 1;
  int64_t max_ahead = 64;  // lines taken in whose results were not given out
  bool is_ordered = true;
  // Returns the next line, nothing at the end. Never called twice at once.
  std::function<std::optional<std::string>()> next;
  // Returns the result of a line; lines are numbered from 1. Called from several threads at once.
  std::function<std::string(int64_t number, const std::string& line)> work;
  // Takes a result; false stops: what is being worked on is finished and thrown away. Called by the
  // thread that called run_rows, also with nothing every `idle_ms` while there is no result, so
  // that it can see whether its reader is still there.
  std::function<bool(const std::string* result)> emit;
  int64_t idle_ms = 200;
};

// Runs until all lines are answered or `emit` returned false. Returns whether all were.
bool run_rows(const RowWork& rows);

}  // namespace caco
