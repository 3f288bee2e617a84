// The decoder for training: forward and backward pass of a Llama-style model (ModelFamily)
// written out by hand over plain float buffers, for documents packed one after the other without
// padding.
//
// Why by hand: at two to five million parameters a graph of tensor operations spends half of its
// time outside of the matrix products. Here each layer is nine products and a few fused loops, and
// a thread works on documents of its own with buffers of its own; gradients are added up in a fixed
// order, so that results do not depend on timing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "caco/lm/matmul.h"
#include "caco/lm/model_config.h"
#include "caco/lm/parameter_layout.h"

namespace caco::lm {

// Documents packed for one pass: token ids, the first row of each document and, last, the total;
// for each row the token it must predict, or -1 where no loss is taken. The last row of a document
// predicts nothing of the next one: its target is -1.
struct PackedBatch {
  std::vector<int32_t> tokens;
  std::vector<int64_t> starts = {0};
  std::vector<int32_t> targets;

  int64_t num_rows() const { return static_cast<int64_t>(tokens.size()); }
  int64_t num_targets() const;
  void clear();
  // Appends a document; row i predicts tokens[i + 1] if i + 1 >= first_target.
  void add_document(std::span<const int32_t> document, int64_t first_target);
};

// What the backward pass needs of the forward pass: kept for every layer, or computed again from
// the layer's input (Chen et al., arXiv 1604.06174). The results are the same, bit for bit; memory
// for a layer falls to one row of the residual stream a token, and a step takes a third longer.
enum class Activations { Kept, Recomputed };

// One thread's worker. Not thread-safe; workers of different threads share only the parameters.
class Transformer {
 public:
  Transformer(const ModelConfig& config, const ParameterLayout& layout, Precision precision,
              Activations activations = Activations::Kept);
  ~Transformer();
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  // Returns the sum over all targets of the loss in nats, and adds the gradient of that sum to
  // `gradients` (as long as the parameters); the caller divides by the number of targets.
  double forward_backward(std::span<const float> parameters, const PackedBatch& batch,
                          std::span<float> gradients);

  // Returns the sum of the losses alone.
  double forward_loss(std::span<const float> parameters, const PackedBatch& batch);

  // Returns the logits of every row, [N, vocab].
  std::vector<float> forward_logits(std::span<const float> parameters, const PackedBatch& batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caco::lm
