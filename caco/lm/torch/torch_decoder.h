// Decoding on a device of LibTorch; see decode_backend.h.
//
// A step is one forward pass over all its rows. Sequences that grow by one token attend together,
// straight from the cache, with the heads that share keys folded into the rows; a chunk of a prompt
// attends by itself. Keys and values live in one tensor that grows with the longest sequence, so
// that memory follows use and not the context that the model could have. Unlike the native decoder,
// a row's last bits may depend on its neighbours: LibTorch's products choose their order by size.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "caco/lm/checkpoint.h"
#include "caco/lm/decode_backend.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/torch/torch_model.h"

namespace caco::lm {

class TorchDecodeBackend final : public DecodeBackend {
 public:
  // May throw c10::Error.
  TorchDecodeBackend(const Device& device, const Checkpoint& checkpoint);

  const ModelConfig& config() const override { return config_; }
  std::unique_ptr<DecodeRunner> make_runner(const DecodeRunnerOptions& options) const override;

 private:
  const ModelConfig config_;
  const ParameterLayout layout_;
  at::Tensor weights_;
};

class TorchDecodeRunner final : public DecodeRunner {
 public:
  TorchDecodeRunner(const ModelConfig& config, const ParameterLayout& layout,
                    const at::Tensor& weights, const DecodeRunnerOptions& options);

  Result<void> forward(std::span<const DecodeRow> rows) override;
  std::span<float> logits(int64_t index) override;
  Result<void> copy_prefix(int64_t from_slot, int64_t to_slot, int64_t num_positions) override;

 private:
  // Consecutive rows of one sequence.
  struct Run {
    int64_t first_row = 0;
    int64_t num_rows = 0;
    int64_t slot = 0;
    int64_t position = 0;  // of the first row
  };
  // What attention needs to know of a step.
  struct Plan {
    at::Tensor slots;      // [R]
    at::Tensor positions;  // [R]
    std::vector<Run> chunks;
    at::Tensor single_rows;   // [B] rows of the sequences that grow by one
    at::Tensor single_slots;  // [B]
    at::Tensor mask;          // [slots, 1, 1, L], true: looked at
    int64_t num_slots = 0;    // slots that the single rows span
    int64_t length = 0;       // positions that they span
  };

  Plan make_plan(std::span<const DecodeRow> rows);
  void plan_singles(std::span<const DecodeRow> rows, std::span<const Run> singles,
                    Plan& plan) const;
  void reserve(int64_t num_positions);
  void compute(std::span<const DecodeRow> rows);
  at::Tensor attend(const Plan& plan, int64_t layer, const at::Tensor& q, const at::Tensor& k,
                    const at::Tensor& v);
  at::Tensor attend_singles(const Plan& plan, int64_t layer, const at::Tensor& q) const;
  at::Tensor attend_chunk(const Run& run, int64_t layer, const at::Tensor& q, const at::Tensor& k,
                          const at::Tensor& v) const;
  at::Tensor indices(const std::vector<int64_t>& values) const;

  const ModelConfig config_;
  const DecodeRunnerOptions options_;
  TorchModel model_;
  at::Tensor cache_;   // [layer, {keys, values}, slot, position, head, head_dim]
  at::Tensor logits_;  // on the host, [rows, stride]
};

}  // namespace caco::lm
