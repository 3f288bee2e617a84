// The option --device of the commands that train or decode.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/lm/torch/device.h"

namespace caco::lm {

// Registers --device, which `parse` reads into `value`.
template <typename Value>
void add_device_option_of(CLI::App& command, Value& value, Result<Value> (*parse)(std::string_view),
                          const std::string& description) {
  const auto problem_of = [parse](const std::string& name) {
    const Result<Value> read = parse(name);
    return read.ok() ? std::string() : to_string(read.error());
  };
  command
      .add_option_function<std::string>(
          "--device",
          [&value, parse](const std::string& name) {
            const Result<Value> read = parse(name);
            if (read.ok()) value = read.value();
          },
          description)
      ->check(problem_of);
}

// Registers --device for one device. `device` must outlive `command`.
inline void add_device_option(CLI::App& command, Device& device) {
  add_device_option_of(command, device, parse_device,
                       "What computes: cpu; cuda or cuda:1, a GPU through LibTorch; torch-cpu, "
                       "LibTorch on this processor (cpu)");
}

// Registers --device for the devices of a training. `devices` must outlive `command`.
inline void add_devices_option(CLI::App& command, std::vector<Device>& devices) {
  add_device_option_of(command, devices, parse_devices,
                       "What computes: cpu; cuda or cuda:1, a GPU through LibTorch; "
                       "cuda:0,cuda:1 or cuda:all, several of them, which share each step's "
                       "records and the optimizer's state; torch-cpu, LibTorch on this processor, "
                       "and cpu,cpu two replicas there, to try that (cpu)");
}

}  // namespace caco::lm
