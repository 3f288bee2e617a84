// What one device holds of a training, and its part of each step.
//
// Every device has all weights and the gradients of its own documents, float32 in one flat buffer
// each, and the optimizer's moments of one shard (optimizer_shards.h): 8 bytes a trained value, and
// 8 / N more. After the gradients of a step each device adds up its shard of all devices', updates
// the weights of the shard and copies them to the others. Devices copy from one another directly;
// sums are taken in the order of the devices, so a step's bytes never depend on timing.
//
// Each replica is used by one thread at a time, whose current device it is. Between
// compute_gradients, reduce_gradients and update_shard all threads meet: reduce_gradients reads the
// other replicas' gradients, update_shard writes into their weights. GPUs need not meet: all work
// of one is on its default stream, where LibTorch's copies between two wait for what both were
// given before and hold up what they are given later. Throws c10::Error.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "caco/lm/parameter_layout.h"
#include "caco/lm/torch/optimizer_shards.h"
#include "caco/lm/torch/torch_model.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_data.h"
#include "caco/lm/training_state.h"

namespace caco::lm {

class TorchReplica;
using TorchReplicas = std::vector<std::unique_ptr<TorchReplica>>;

// Sums over the targets of some documents.
struct LossSum {
  double loss = 0;
  int64_t num_targets = 0;
};

// What a replica needs to know about an update.
struct ShardUpdate {
  int64_t num_updates = 0;  // done before
  double learning_rate = 0;
  double gradient_scale = 1;
};

class TorchReplica {
 public:
  // The arguments but `base` must outlive the object; `lora` is null when all weights are trained,
  // else `base` are the frozen ones, which are kept in the type of the products.
  TorchReplica(at::Device device, const ModelConfig& config, const ParameterLayout& layout,
               const TrainerOptions& options, const LoraParameters* lora,
               std::span<const float> base);

  at::Device device() const { return device_; }

  // Copies the state's parameters and its moments inside of `shard`.
  void begin(const TrainingState& state, OptimizerShard shard);

  // Writes this shard's moments into those of `state`, which are as long as the parameters.
  void write_moments(TrainingState& state) const;
  std::vector<float> parameters() const { return download_values(values_); }

  // Sets the gradients to those of the documents' summed loss, one pass after the other.
  LossSum compute_gradients(const TrainingSet& data,
                            const std::vector<std::vector<int64_t>>& passes);

  // Returns the summed loss of the documents.
  double evaluate(const TrainingSet& data, const std::vector<std::vector<int64_t>>& passes);

  // Adds the other replicas' gradients to this shard's; returns the shard's sum of squares.
  double reduce_gradients(const TorchReplicas& replicas);

  // Updates the weights of this shard by its summed gradients, here and in the other replicas.
  void update_shard(const ShardUpdate& update, const TorchReplicas& replicas);

  // Bytes of the optimizer's state on this device.
  int64_t num_state_bytes() const;

 private:
  // Values that are updated in one way: views of the flat buffers.
  struct Group {
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> moments1;
    std::vector<at::Tensor> moments2;
  };

  void make_groups();
  void update_muon(double learning_rate);
  at::Tensor of_shard(const at::Tensor& whole) const;
  at::ScalarType compute_type() const;

  const at::Device device_;
  const ModelConfig& config_;
  const ParameterLayout& layout_;
  const TrainerOptions& options_;
  const LoraParameters* const lora_;
  OptimizerShard shard_;
  at::Tensor values_;  // what is trained
  at::Tensor gradients_;
  at::Tensor moment1_;  // of the shard
  at::Tensor moment2_;
  Group matrices_;          // AdamW with weight decay
  Group vectors_;           // without
  Group muon_;              // hidden matrices when the options say Muon
  at::Tensor base_values_;  // frozen weights in the type of the products
  std::unique_ptr<TorchModel> model_;
};

}  // namespace caco::lm
