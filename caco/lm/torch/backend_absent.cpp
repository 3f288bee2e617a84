// The functions of backend.h in a build without LibTorch.
#include "caco/lm/torch/backend.h"

namespace caco::lm {

Result<void> check_torch_device(const Device& device) {
  return Error{
      ErrorCode::InvalidArgument,
      "this caco-lm was built without LibTorch, which the device needs: " + device_name(device),
      "build it with -DCACO_TORCH=ON (docs/gpu.md), or use --device cpu"};
}

Result<std::vector<Device>> find_torch_devices(const std::vector<Device>& devices) {
  return check_torch_device(devices.front()).error();
}

Result<std::unique_ptr<TrainingEngine>> make_torch_engine(const std::vector<Device>& devices,
                                                          const ModelConfig&, const TrainerOptions&,
                                                          const LoraParameters*,
                                                          std::vector<float>) {
  return check_torch_device(devices.front()).error();
}

Result<std::unique_ptr<DecodeBackend>> make_torch_decoder(const Device& device, const Checkpoint&,
                                                          int64_t) {
  return check_torch_device(device).error();
}

}  // namespace caco::lm
