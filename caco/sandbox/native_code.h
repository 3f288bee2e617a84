// Machine code that runs in a zygote instead of Python. It is part of this program, travels to the
// interpreter as bytes and runs there (worker.py, memory.py).
//
// Why not Python: after each fork, every page that the zygote writes has to be copied, and a line
// of Python writes to the counts of the objects it looks at. The loop that serves, as machine code,
// writes to its stack alone, and what a child needs to set up before Python goes on costs system
// calls alone. And only code that uses no memory of the interpreter can put that memory elsewhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace caco {

// Position-independent, calling nothing outside; the functions begin at these places in it. All
// follow the C calling convention.
struct NativeCode {
  std::string_view bytes;
  // int64 serve(int64* block): takes messages, forks, watches, answers. The block holds the flags
  // of clone, 1 where it is to return after each answer, and room for a message of protocol.h.
  // Returns kServeForked in a forked child, which has its limits, and kServeEnded in the zygote
  // after an answer; ends the process when the supervisor is gone.
  int64_t serve = 0;
  // int64 replace(void* place, void* copy, int64 size): puts `copy`, fresh memory, where `place`
  // is, with its contents; what is not mapped there becomes zeros. All are whole pages. Returns 0,
  // or a negative error when nothing was changed.
  int64_t replace = 0;
  // void* take_arena(int64* region, size_t size) and void give_arena(int64* region, void*, size_t):
  // an allocator for CPython. The region is three addresses: where it is free, its end, its
  // begin; beyond it, arenas are mapped by themselves. What is given back of the region is emptied,
  // not used again.
  int64_t take_arena = 0;
  int64_t give_arena = 0;
};

NativeCode native_code();

inline constexpr int64_t kServeForked = 1;
inline constexpr int64_t kServeEnded = 2;

}  // namespace caco
