// Which device trains or decodes, as `--device` names it. Free of LibTorch's headers: commands and
// tests include this one, whatever the build has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

enum class DeviceKind {
  Native,    // "cpu": the kernels of this program
  TorchCpu,  // "torch-cpu": LibTorch on this processor, to compare with
  Cuda,      // "cuda", "cuda:1": LibTorch on a GPU
};

constexpr int64_t kAllGpus = -1;  // as the index of a device: every one that LibTorch sees

struct Device {
  DeviceKind kind = DeviceKind::Native;
  int64_t index = 0;  // of the GPU; kAllGpus only in the list of a training

  bool is_native() const { return kind == DeviceKind::Native; }
};

// Returns "cpu", "torch-cpu", "cuda:0" or "cuda:all".
std::string device_name(const Device& device);

// Reads the value of `--device` where one device computes. InvalidArgument: no such kind of device,
// no number after "cuda:", more devices than one. Whether the machine has the device is not looked
// at here.
Result<Device> parse_device(std::string_view name);

// Reads the value of `--device` of a training: one device as above, "cuda:all", or several of one
// kind with commas between them. In a list "cpu" is LibTorch on this processor too, and may be
// there more than once: each is a replica. InvalidArgument: as parse_device, a GPU named twice,
// GPUs and the processor together, more than 64 devices.
Result<std::vector<Device>> parse_devices(std::string_view names);

}  // namespace caco::lm
