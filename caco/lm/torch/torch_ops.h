// The operations of a Llama-style decoder on tensors of LibTorch, and what differs between its
// versions. Formulas as in transformer.h's native counterpart. All of them throw c10::Error.
// Thread-safe.
//
// No autocast: parameters are float32 and are cast where they are used, so that gradients arrive as
// float32 whatever the products are in, and so that 1.13 and 2.x take the same path.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <functional>
#include <vector>

#include "caco/lm/transformer.h"

namespace caco::lm {

// x [..., D] / sqrt(mean(x^2) + eps) * weight [D], the mean taken in float.
at::Tensor torch_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

// Turns the split halves of x [T, H, D] by the angles of each row; cosines, sines [T, 1, D / 2].
at::Tensor torch_rotate(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines);

// Causal attention of B sequences: q [B, H, L, D], k and v [B, G, L, D], G dividing H.
at::Tensor torch_causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

// Attention where `mask` (true: looked at) says, broadcast to [B, H, L, S]; q [B, H, L, D], k and v
// [B, H, S, D]. Every row looks at one position at least.
at::Tensor torch_masked_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const at::Tensor& mask);

// A batch of packed documents on the device.
struct TorchRows {
  // Documents of similar length, padded at their end to the longest: no real row looks at padding,
  // as attention is causal, so no mask is needed and the fast kernels apply.
  struct Group {
    at::Tensor rows;  // [B * L] packed row of each row of the group
    int64_t num_documents = 0;
    int64_t length = 0;
  };

  at::Tensor tokens;     // [T]
  at::Tensor positions;  // [T], from 0 in each document
  std::vector<Group> groups;
  at::Tensor restore;     // [T] row among the groups' rows; undefined when they are in order
  at::Tensor target_row;  // [N] rows that have a target
  at::Tensor target_id;   // [N]
  int64_t longest = 0;

  TorchRows(const PackedBatch& batch, const at::Device& device);
};

// Block-diagonal causal attention over packed rows: q [T, H, D], k and v [T, G, D]; returns
// [T, H * D].
at::Tensor torch_packed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const TorchRows& rows);

// Returns the sum of the cross-entropies of hidden [N, D] through weight [V, D] with target [N], a
// float64 scalar. Logits exist for some rows at a time, and their gradient is taken at once.
at::Tensor torch_chunked_loss(const at::Tensor& hidden, const at::Tensor& weight,
                              const at::Tensor& target);

// y = body(x); only x is kept, and body runs again when gradients are asked for (Chen et al., arXiv
// 1604.06174). Gradients of the leaves that body uses are added to them then. The body must stay
// callable, at its address, until the backward pass is over.
at::Tensor torch_recomputed(const std::function<at::Tensor(const at::Tensor&)>& body,
                            const at::Tensor& x);

struct TorchAdamW {
  double learning_rate = 0;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  double weight_decay = 0;
  int64_t step = 1;  // from 1
};

// One AdamW update in place, of each of the tensors; fused where LibTorch has it.
void torch_adamw(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& gradients,
                 const std::vector<at::Tensor>& moments1, const std::vector<at::Tensor>& moments2,
                 const TorchAdamW& step);

}  // namespace caco::lm
