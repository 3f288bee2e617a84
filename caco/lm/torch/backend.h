// What LibTorch adds to the program: an engine for training and a model for decoding on a device of
// its own. A build without LibTorch (CACO_TORCH=OFF) has the same functions, which say so. Free of
// LibTorch's headers.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/decode_backend.h"
#include "caco/lm/torch/device.h"
#include "caco/lm/training_engine.h"

namespace caco::lm {

// InvalidArgument: the build has no LibTorch, or LibTorch does not see the GPU.
// REQUIRES: not the native device.
Result<void> check_torch_device(const Device& device);

// Returns the devices of a training as they are called: kAllGpus becomes every GPU that LibTorch
// sees. Errors: those of check_torch_device for each. REQUIRES: as parse_devices gives them, none
// of them native.
Result<std::vector<Device>> find_torch_devices(const std::vector<Device>& devices);

// Makes an engine that keeps weights, gradients and moments on the devices: float32 master weights,
// products in the precision of the options (bfloat16 or float32). Several devices share each step's
// documents and the optimizer's state (torch_engine.h); the threads of the options are shared among
// them as LibTorch's own. Errors: those of find_torch_devices; ResourceExhausted: not enough memory
// there.
Result<std::unique_ptr<TrainingEngine>> make_torch_engine(const std::vector<Device>& devices,
                                                          const ModelConfig& config,
                                                          const TrainerOptions& options,
                                                          const LoraParameters* lora,
                                                          std::vector<float> base);

// Puts the checkpoint on the device, in bfloat16 on a GPU and in float32 elsewhere; `num_threads`
// are LibTorch's own on the processor. Errors: as make_torch_engine.
Result<std::unique_ptr<DecodeBackend>> make_torch_decoder(const Device& device,
                                                          const Checkpoint& checkpoint,
                                                          int64_t num_threads);

}  // namespace caco::lm
