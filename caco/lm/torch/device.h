// Which device trains or decodes, as `--device` names it. Free of LibTorch's headers: commands and
// tests include this one, whatever the build has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "caco/base/result.h"

namespace caco::lm {

enum class DeviceKind {
  Native,    // "cpu": the kernels of this program
  TorchCpu,  // "torch-cpu": LibTorch on this processor, to compare with
  Cuda,      // "cuda", "cuda:1": LibTorch on a GPU
};

struct Device {
  DeviceKind kind = DeviceKind::Native;
  int64_t index = 0;  // of the GPU

  bool is_native() const { return kind == DeviceKind::Native; }
};

// Returns "cpu", "torch-cpu" or "cuda:0".
std::string device_name(const Device& device);

// Reads the value of `--device`. InvalidArgument: no such kind of device, no number after "cuda:",
// more GPUs than one. Whether the machine has the device is not looked at here.
Result<Device> parse_device(std::string_view name);

}  // namespace caco::lm
