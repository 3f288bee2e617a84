// A block of floats for kernels: zero at first, on its own pages, taken from the system page by
// page when it is first touched. So a large cache costs only what of it is used, and vectors never
// straddle a cache line at its start. Movable, not copyable; no thread-safety of its own.
#pragma once

#include <cstdint>

namespace caco::lm {

class FloatBuffer {
 public:
  FloatBuffer() = default;
  // Ends the process when the address space is exhausted, as the standard containers would.
  explicit FloatBuffer(int64_t size);
  FloatBuffer(FloatBuffer&& other) noexcept;
  FloatBuffer& operator=(FloatBuffer&& other) noexcept;
  FloatBuffer(const FloatBuffer&) = delete;
  FloatBuffer& operator=(const FloatBuffer&) = delete;
  ~FloatBuffer();

  float* data() { return memory_; }
  const float* data() const { return memory_; }
  int64_t size() const { return size_; }

  // Asks for large pages: for weights, which are read from end to end in every step.
  void prefer_large_pages();

 private:
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace caco::lm
