// The functions of backend.h in a build with LibTorch.
#include "caco/lm/torch/backend.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
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

// REQUIRES: load_cuda succeeded.
Result<int64_t> count_gpus() {
  return guarded([]() -> Result<int64_t> { return static_cast<int64_t>(at::getNumGPUs()); });
}

std::string seen_gpus(int64_t count) {
  if (count == 0) return "LibTorch sees none";
  if (count == 1) return "LibTorch sees cuda:0 alone";
  return "LibTorch sees cuda:0 to cuda:" + std::to_string(count - 1);
}

}  // namespace

Result<void> check_torch_device(const Device& device) {
  if (device.kind != DeviceKind::Cuda) return {};
  TRY(load_cuda());
  const int64_t num_gpus = TRY(count_gpus());
  if (std::max<int64_t>(0, device.index) < num_gpus) return {};
  return Error{ErrorCode::InvalidArgument,
               "no such GPU: " + device_name(device) + "; " + seen_gpus(num_gpus),
               "look at nvidia-smi and CUDA_VISIBLE_DEVICES, or use --device cpu"};
}

Result<std::vector<Device>> find_torch_devices(const std::vector<Device>& devices) {
  std::vector<Device> found;
  for (const Device& device : devices) {
    TRY(check_torch_device(device));
    if (device.index != kAllGpus) {
      found.push_back(device);
      continue;
    }
    const int64_t num_gpus = TRY(count_gpus());
    for (int64_t i = 0; i < num_gpus; ++i)
      found.push_back({DeviceKind::Cuda, i});
  }
  return found;
}

Result<std::unique_ptr<TrainingEngine>> make_torch_engine(const std::vector<Device>& devices,
                                                          const ModelConfig& config,
                                                          const TrainerOptions& options,
                                                          const LoraParameters* lora,
                                                          std::vector<float> base) {
  const std::vector<Device> found = TRY(find_torch_devices(devices));
  return guarded([&]() -> Result<std::unique_ptr<TrainingEngine>> {
    const int64_t num_devices = static_cast<int64_t>(found.size());
    at::set_num_threads(static_cast<int>(std::max<int64_t>(1, options.num_threads / num_devices)));
    std::unique_ptr<TrainingEngine> engine =
        std::make_unique<TorchEngine>(found, config, options, lora, std::move(base));
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
