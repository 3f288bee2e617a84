// A block of floats for kernels; see float_buffer.h.
#include "caco/lm/float_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <utility>

namespace caco::lm {

FloatBuffer::FloatBuffer(int64_t size) : size_(size) {
  if (size == 0) return;
  void* memory = mmap(nullptr, static_cast<size_t>(size) * sizeof(float), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  memory_ = static_cast<float*>(memory);
}

FloatBuffer::FloatBuffer(FloatBuffer&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}

FloatBuffer& FloatBuffer::operator=(FloatBuffer&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  return *this;
}

FloatBuffer::~FloatBuffer() {
  if (memory_ != nullptr) munmap(memory_, static_cast<size_t>(size_) * sizeof(float));
}

void FloatBuffer::prefer_large_pages() {
  if (memory_ == nullptr) return;
  // Only advice: where the system has none, small pages serve as well.
  madvise(memory_, static_cast<size_t>(size_) * sizeof(float), MADV_HUGEPAGE);
}

}  // namespace caco::lm
