// The training engine on one or several devices of LibTorch; see training_engine.h and backend.h.
//
// Data parallel with a sharded optimizer: each device computes the gradients of its part of a
// step's documents and updates the weights of one shard (torch_replica.h). What a state holds does
// not depend on the number of devices. Products run in bfloat16 or float32 from casts made where
// they are used. The layers' activations are kept or computed again as the options say. Not
// thread-safe; it runs a thread for each device.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "caco/lm/parameter_layout.h"
#include "caco/lm/torch/device.h"
#include "caco/lm/torch/torch_replica.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_engine.h"

namespace caco::lm {

class TorchEngine final : public TrainingEngine {
 public:
  // As the arguments of TrainingEngineFactory. A GPU is named once; several of TorchCpu are several
  // replicas on the processor. May throw c10::Error. REQUIRES: one device at least, none of them
  // native or all of its kind.
  TorchEngine(const std::vector<Device>& devices, const ModelConfig& config,
              const TrainerOptions& options, const LoraParameters* lora, std::vector<float> base);

  // The replicas refer to the layout.
  TorchEngine(const TorchEngine&) = delete;
  TorchEngine& operator=(const TorchEngine&) = delete;

  const ParameterLayout& layout() const override { return layout_; }
  Result<void> begin(TrainingState& state) override;
  Result<void> write_back(TrainingState& state) override;
  Result<std::span<const float>> model_parameters(const TrainingState& state) override;
  Result<StepOutcome> run(TrainingState& state, const TrainingSet& data,
                          std::span<const int64_t> documents, double learning_rate) override;
  Result<double> evaluate(const TrainingState& state, const TrainingSet& data) override;

  // Bytes of the optimizer's state on each device, in their order. REQUIRES: begin was called.
  std::vector<int64_t> num_state_bytes() const;

 private:
  void on_each_device(const std::function<void(size_t, TorchReplica&)>& work);
  StepOutcome step(const TrainingState& state, const TrainingSet& data,
                   std::span<const int64_t> documents, double learning_rate);

  const TrainerOptions& options_;
  const LoraParameters* const lora_;
  ParameterLayout layout_;
  std::vector<float> base_;    // of an adapter's run
  std::vector<float> merged_;  // the base with the adapter in it, when asked for
  TorchReplicas replicas_;
};

}  // namespace caco::lm
