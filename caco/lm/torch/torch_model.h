// A Llama-style decoder (ModelFamily) on a device of LibTorch: weights as views of one flat buffer
// in ParameterLayout order, optionally with low-rank adapters beside them. Used for training and
// for decoding, which differ in how a layer attends. Throws c10::Error. Not thread-safe while it
// trains; forward passes without gradients may run on several threads.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "caco/lm/lora_training.h"
#include "caco/lm/model_config.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/torch/device.h"
#include "caco/lm/torch/torch_ops.h"
#include "caco/lm/transformer.h"

namespace caco::lm {

// The device as LibTorch calls it. REQUIRES: not the native one.
at::Device torch_device(const Device& device);

// Copies values between host and device.
at::Tensor upload_values(std::span<const float> values, const at::Device& device);
std::vector<float> download_values(const at::Tensor& values);

class TorchModel {
 public:
  // `weights` [layout.size()] is on the device, of the type that products are computed in or of
  // float32. `compute` is the type of products and activations. Both arguments are kept by value or
  // by view; `layout` must outlive the object.
  TorchModel(const ModelConfig& config, const ParameterLayout& layout, at::Tensor weights,
             at::ScalarType compute);
  // The bodies of recomputed layers refer to it.
  TorchModel(const TorchModel&) = delete;
  TorchModel& operator=(const TorchModel&) = delete;

  // From here on gradients of the weights are added into `gradients` [layout.size()].
  void train_weights(const at::Tensor& gradients);

  // From here on the adapters `trained` [lora.size()] take part, and their gradients are added into
  // `gradients` [lora.size()].
  void train_adapters(const LoraParameters& lora, const at::Tensor& trained,
                      const at::Tensor& gradients);

  void set_activations(Activations activations) { activations_ = activations; }

  // Returns the sum of the losses over all targets; with gradients, adds those of that sum.
  double forward_backward(const PackedBatch& batch);
  double forward_loss(const PackedBatch& batch);

  // Returns the logits of every row, float32 [T, vocab].
  at::Tensor forward_logits(const PackedBatch& batch);

  // How a layer's rows attend: rotated queries [T, H, D], rotated keys and values [T, G, D] of
  // layer `index` to [T, H * D].
  using Attend = std::function<at::Tensor(int64_t index, const at::Tensor& q, const at::Tensor& k,
                                          const at::Tensor& v)>;

  // Returns the residual stream behind the last layer, [T, hidden], for tokens [T] at positions [T]
  // below `num_positions`.
  at::Tensor forward_hidden(const at::Tensor& tokens, const at::Tensor& positions,
                            int64_t num_positions, const Attend& attend);

  // Returns the logits of rows of the residual stream, float32 [N, vocab].
  at::Tensor logits_of(const at::Tensor& hidden) const;

  const ModelConfig& config() const { return config_; }
  at::ScalarType compute() const { return compute_; }
  at::Device device() const { return weights_.device(); }

 private:
  struct Adapter {
    int64_t first_row = 0;  // of the linear layer's outputs
    at::Tensor a;           // [rank, in]
    at::Tensor b;           // [out, rank]
  };
  // One or several matrices that lie together, with the adapters of each.
  struct Linear {
    int64_t offset = 0;
    at::Tensor weight;  // [out, in]
    at::Tensor bias;    // [out]; undefined: none
    std::vector<Adapter> adapters;
  };
  struct Layer {
    at::Tensor input_norm;
    Linear query_key_value;
    at::Tensor query_norm;  // undefined: none
    at::Tensor key_norm;
    Linear attention_output;
    at::Tensor post_norm;
    Linear gate_up;
    Linear down;
  };

  void make_layers();
  Linear make_linear(int64_t offset, int64_t rows, int64_t columns, int64_t bias);
  at::Tensor leaf(int64_t offset, at::IntArrayRef shape);
  std::vector<Linear*> linears_of(Layer& layer);
  void prepare_rotations(int64_t num_positions);
  at::Tensor linear(const Linear& layer, const at::Tensor& x) const;
  at::Tensor run_layer(int64_t index, const at::Tensor& x, const at::Tensor& cosines,
                       const at::Tensor& sines, const Attend& attend) const;
  at::Tensor packed_hidden(const TorchRows& rows);
  at::Tensor loss_of(const TorchRows& rows);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  at::Tensor weights_;
  at::ScalarType compute_;
  Activations activations_ = Activations::Kept;
  double lora_scaling_ = 0;
  struct Leaf {
    int64_t offset = 0;
    at::Tensor values;
  };
  std::vector<Leaf> leaves_;
  at::Tensor embedding_;
  at::Tensor final_norm_;
  at::Tensor output_;  // the embedding itself when tied
  std::vector<Layer> layers_;
  at::Tensor cosines_;  // [positions, 1, head_dim / 2]
  at::Tensor sines_;
  // Of the pass in hand, one a layer: a recomputed layer's body runs again in the backward pass.
  std::vector<std::function<at::Tensor(const at::Tensor&)>> bodies_;
};

}  // namespace caco::lm
