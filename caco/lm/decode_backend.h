// What computes the steps of decoding: the interface between continuous batching (decode_engine.h)
// and what holds weights and caches. DecodeModel (decode_model.h) computes on this processor;
// torch/ has one for LibTorch's devices.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "caco/base/result.h"
#include "caco/lm/decode_kernels.h"
#include "caco/lm/model_config.h"

namespace caco::lm {

// One token of one sequence in a step.
struct DecodeRow {
  int32_t token = 0;
  int32_t slot = 0;
  int64_t position = 0;  // 0 for the first token of a sequence
  bool wants_logits = false;
};

struct DecodeRunnerOptions {
  int64_t num_slots = 1;  // sequences at a time
  int64_t capacity = 0;   // positions of a sequence
  int64_t max_rows = 1;   // of a step
  CachePrecision cache_precision = CachePrecision::Float16;
};

// A cache of keys and values, and the forward pass with its buffers. Not thread-safe: one a thread.
class DecodeRunner {
 public:
  virtual ~DecodeRunner() = default;

  // Computes the rows and writes their keys and values. Rows of one sequence come one after the
  // other in the order of their positions, and all earlier positions of the slot are there.
  // ResourceExhausted: the device has not enough memory. REQUIRES: slots, positions and rows within
  // the options, tokens within the vocabulary.
  virtual Result<void> forward(std::span<const DecodeRow> rows) = 0;

  // Returns the logits of the `index`-th row that wanted them; vocab_size values, valid until the
  // next forward, and readable up to the next multiple of 16.
  virtual std::span<float> logits(int64_t index) = 0;

  // Copies the first `num_positions` of one slot to another: a prompt shared by several replies.
  virtual Result<void> copy_prefix(int64_t from_slot, int64_t to_slot, int64_t num_positions) = 0;
};

// A model ready for decoding. Thread-safe; outlives its runners.
class DecodeBackend {
 public:
  virtual ~DecodeBackend() = default;
  virtual const ModelConfig& config() const = 0;
  virtual std::unique_ptr<DecodeRunner> make_runner(const DecodeRunnerOptions& options) const = 0;
};

}  // namespace caco::lm
