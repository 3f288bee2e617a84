// Calcium 0.4's headers are C: they convert void pointers without a cast. AnyPointer stands in for
// what the allocation functions return while the headers are read.
#pragma once

#include <flint/flint.h>

#include <cstddef>

struct AnyPointer {
  void* address;
  template <typename T>
  operator T*() const {
    return static_cast<T*>(address);
  }
};
#define flint_malloc(size) \
  AnyPointer {             \
    (flint_malloc)(size)   \
  }
#define flint_realloc(address, size) \
  AnyPointer {                       \
    (flint_realloc)(address, size)   \
  }
#include <calcium/ca.h>
#include <calcium/fmpz_mpoly_q.h>
#undef flint_malloc
#undef flint_realloc
