#include "caco/lm/torch/device.h"

#include <charconv>

namespace caco::lm {

std::string device_name(const Device& device) {
  if (device.kind == DeviceKind::Native) return "cpu";
  if (device.kind == DeviceKind::TorchCpu) return "torch-cpu";
  return "cuda:" + std::to_string(device.index);
}

Result<Device> parse_device(std::string_view name) {
  constexpr std::string_view kCuda = "cuda";
  if (name == "cpu") return Device{};
  if (name == "torch-cpu") return Device{DeviceKind::TorchCpu, 0};
  if (name == kCuda) return Device{DeviceKind::Cuda, 0};
  if (name.starts_with("cuda:")) {
    const std::string_view number = name.substr(kCuda.size() + 1);
    if (number.find(',') != std::string_view::npos) {
      return Error{
          ErrorCode::InvalidArgument, "one GPU at a time: " + std::string(name),
          "for several, caco-lm recipe writes the run for LLaMA-Factory, TRL or torchtune"};
    }
    Device device{DeviceKind::Cuda, 0};
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, device.index);
    if (error == std::errc() && stop == end && device.index >= 0 && device.index < 64) {
      return device;
    }
  }
  return Error{ErrorCode::InvalidArgument, "no such device: " + std::string(name),
               "give cpu, cuda, cuda:1 or torch-cpu"};
}

}  // namespace caco::lm
