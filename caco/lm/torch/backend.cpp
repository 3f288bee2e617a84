// The functions of backend.h in a build with LibTorch.
#include "caco/lm/torch/backend.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <utility>

#include "caco/lm/torch/torch_decoder.h"
#include "caco/lm/torch/torch_engine.h"
#include "caco/lm/torch/torch_guard.h"

namespace caco::lm {
namespace {

// LibTorch's CUDA half registers itself when it is loaded. It is a gigabyte with what it needs, so
// it is loaded when a GPU is asked for, and not linked. Before any other question about CUDA:
// LibTorch remembers the first answer.
Result<void> load_cuda() {
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
  return Error{ErrorCode::InvalidArgument, std::string("this LibTorch has no CUDA: ") + dlerror(),
               "build with a LibTorch for CUDA (docs/gpu.md), or use --device cpu"};
}

}  // namespace

Result<void> check_torch_device(const Device& device) {
  if (device.kind != DeviceKind::Cuda) return {};
  TRY(load_cuda());
  return guarded([&]() -> Result<void> {
    const int64_t num_gpus = static_cast<int64_t>(at::getNumGPUs());
    if (device.index < num_gpus) return {};
    return Error{
        ErrorCode::InvalidArgument,
        "no such GPU: " + device_name(device) + "; LibTorch sees " + std::to_string(num_gpus),
        "look at nvidia-smi and CUDA_VISIBLE_DEVICES, or use --device cpu"};
  });
}

Result<std::unique_ptr<TrainingEngine>> make_torch_engine(const Device& device,
                                                          const ModelConfig& config,
                                                          const TrainerOptions& options,
                                                          const LoraParameters* lora,
                                                          std::vector<float> base) {
  TRY(check_torch_device(device));
  return guarded([&]() -> Result<std::unique_ptr<TrainingEngine>> {
    at::set_num_threads(static_cast<int>(options.num_threads));
    std::unique_ptr<TrainingEngine> engine =
        std::make_unique<TorchEngine>(device, config, options, lora, std::move(base));
    return engine;
  });
}

Result<std::unique_ptr<DecodeBackend>> make_torch_decoder(const Device& device,
                                                          const Checkpoint& checkpoint,
                                                          int64_t num_threads) {
  TRY(check_torch_device(device));
  return guarded([&]() -> Result<std::unique_ptr<DecodeBackend>> {
    at::set_num_threads(static_cast<int>(num_threads));
    std::unique_ptr<DecodeBackend> backend =
        std::make_unique<TorchDecodeBackend>(device, checkpoint);
    return backend;
  });
}

}  // namespace caco::lm
