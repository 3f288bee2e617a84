#include "caco/lm/torch/device.h"

#include <algorithm>
#include <charconv>

namespace caco::lm {
namespace {

constexpr std::string_view kAll = "cuda:all";
constexpr int64_t kMaxDevices = 64;

Error list_error(const std::string& problem, std::string_view names) {
  return {ErrorCode::InvalidArgument, problem + ": " + std::string(names),
          "give a list such as cuda:0,cuda:1, or cuda:all alone for every GPU"};
}

// Reads one device of a list of several.
Result<Device> parse_listed(std::string_view name, std::string_view names) {
  if (name == "cpu") return Device{DeviceKind::TorchCpu, 0};
  const Result<Device> device = parse_device(name);
  if (!device.ok()) return list_error("no such device: \"" + std::string(name) + "\" in", names);
  return device.value();
}

}  // namespace

std::string device_name(const Device& device) {
  if (device.kind == DeviceKind::Native) return "cpu";
  if (device.kind == DeviceKind::TorchCpu) return "torch-cpu";
  if (device.index == kAllGpus) return std::string(kAll);
  return "cuda:" + std::to_string(device.index);
}

Result<Device> parse_device(std::string_view name) {
  constexpr std::string_view kCuda = "cuda";
  if (name == "cpu") return Device{};
  if (name == "torch-cpu") return Device{DeviceKind::TorchCpu, 0};
  if (name == kCuda) return Device{DeviceKind::Cuda, 0};
  if (name == kAll || name.find(',') != std::string_view::npos) {
    return Error{ErrorCode::InvalidArgument, "one device at a time: " + std::string(name),
                 "several are for train and pretrain; run one server on each GPU"};
  }
  if (name.starts_with("cuda:")) {
    const std::string_view number = name.substr(kCuda.size() + 1);
    Device device{DeviceKind::Cuda, 0};
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, device.index);
    if (error == std::errc() && stop == end && device.index >= 0 && device.index < kMaxDevices) {
      return device;
    }
  }
  return Error{ErrorCode::InvalidArgument, "no such device: " + std::string(name),
               "give cpu, cuda, cuda:1 or torch-cpu"};
}

Result<std::vector<Device>> parse_devices(std::string_view names) {
  if (names == kAll) return std::vector<Device>{{DeviceKind::Cuda, kAllGpus}};
  if (names.find(',') == std::string_view::npos) {
    return std::vector<Device>{TRY(parse_device(names))};
  }
  std::vector<Device> devices;
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find(',', begin), names.size());
    const Device device = TRY(parse_listed(names.substr(begin, end - begin), names));
    if (!devices.empty() && devices[0].kind != device.kind) {
      return list_error("GPUs and the processor do not train together", names);
    }
    for (const Device& other : devices) {
      if (device.kind == DeviceKind::Cuda && device.index == other.index) {
        return list_error(device_name(device) + " is named twice", names);
      }
    }
    devices.push_back(device);
    begin = end + 1;
  }
  if (static_cast<int64_t>(devices.size()) > kMaxDevices) {
    return list_error("more than " + std::to_string(kMaxDevices) + " devices", names);
  }
  return devices;
}

}  // namespace caco::lm
