// The training engine on a device of LibTorch; see training_engine.h and backend.h.
//
// Master weights, gradients and both moments are float32 on the device, one flat buffer each: 16
// bytes a trained value. Products run in bfloat16 or float32 from casts made where they are used.
// The layers' activations are kept or computed again as the options say. Not thread-safe.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <span>
#include <vector>

#include "caco/lm/parameter_layout.h"
#include "caco/lm/torch/torch_model.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_engine.h"

namespace caco::lm {

class TorchEngine final : public TrainingEngine {
 public:
  // As the arguments of TrainingEngineFactory. May throw c10::Error.
  TorchEngine(const Device& device, const ModelConfig& config, const TrainerOptions& options,
              const LoraParameters* lora, std::vector<float> base);

  const ParameterLayout& layout() const override { return layout_; }
  Result<void> begin(TrainingState& state) override;
  Result<void> write_back(TrainingState& state) override;
  Result<std::span<const float>> model_parameters(const TrainingState& state) override;
  Result<StepOutcome> run(TrainingState& state, const TrainingSet& data,
                          std::span<const int64_t> documents, double learning_rate) override;
  Result<double> evaluate(const TrainingState& state, const TrainingSet& data) override;

 private:
  // Values that are updated in one way: views of the flat buffers.
  struct Group {
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> moments1;
    std::vector<at::Tensor> moments2;
  };

  void take_values(TrainingState& state);
  void make_groups();
  void add_to(Group& group, int64_t offset, at::IntArrayRef shape);
  StepOutcome step(const TrainingState& state, const TrainingSet& data,
                   std::span<const int64_t> documents, double learning_rate);
  double gradient_norm() const;
  void update(int64_t num_updates, double learning_rate);
  void update_muon(double learning_rate);
  at::ScalarType compute_type() const;

  const ModelConfig& config_;
  const TrainerOptions& options_;
  const LoraParameters* const lora_;
  const at::Device device_;
  ParameterLayout layout_;
  std::vector<float> base_;    // of an adapter's run
  std::vector<float> merged_;  // the base with the adapter in it, when asked for
  at::Tensor values_;          // what is trained
  at::Tensor gradients_;
  at::Tensor moment1_;
  at::Tensor moment2_;
  Group matrices_;          // AdamW with weight decay
  Group vectors_;           // without
  Group muon_;              // hidden matrices when the options say Muon
  at::Tensor base_values_;  // frozen weights in the type of the products
  std::unique_ptr<TorchModel> model_;
};

}  // namespace caco::lm
