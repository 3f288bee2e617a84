// The option --device of the commands that train or decode.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "caco/lm/torch/device.h"

namespace caco::lm {

// Registers --device. `device` must outlive `command`.
inline void add_device_option(CLI::App& command, Device& device) {
  const auto problem_of = [](const std::string& name) {
    const Result<Device> read = parse_device(name);
    return read.ok() ? std::string() : to_string(read.error());
  };
  command
      .add_option_function<std::string>(
          "--device",
          [&device](const std::string& name) {
            const Result<Device> read = parse_device(name);
            if (read.ok()) device = read.value();
          },
          "What computes: cpu; cuda or cuda:1, a GPU through LibTorch; torch-cpu, LibTorch on this "
          "processor (cpu)")
      ->check(problem_of);
}

}  // namespace caco::lm
