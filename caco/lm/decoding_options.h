// The options that `caco-lm serve` and `caco-lm sample` share.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_setup.h"
#include "caco/lm/torch/backend.h"
#include "caco/lm/torch/device_option.h"

namespace caco::lm {

// Registers --generation-config. `source` must outlive `command`.
inline void add_generation_config_option(CLI::App& command, SamplingSource& source) {
  static const std::map<std::string, SamplingSource> names = {{"auto", SamplingSource::Model},
                                                              {"none", SamplingSource::Neutral}};
  command
      .add_option("--generation-config", source,
                  "auto: temperature, top_p, top_k, min_p and repetition_penalty of the model's "
                  "generation_config.json stand where nothing else is said, as in vLLM; none: "
                  "they are 1 and off. Its eos ids end a reply in both")
      ->transform(CLI::CheckedTransformer(names).description("auto or none (auto)"));
}

// What makes the model of `device`; empty for this program's own decoder.
inline DecodeBackendFactory decode_backend(const Device& device, int64_t num_threads) {
  if (device.is_native()) return {};
  return [device, num_threads](const Checkpoint& checkpoint) {
    return make_torch_decoder(device, checkpoint, num_threads);
  };
}

// The engine's options for `device`: LibTorch brings its own threads, and a GPU wants long chunks
// of a prompt.
inline DecodeEngineOptions on_device(const Device& device, DecodeEngineOptions options) {
  constexpr int64_t kCudaPrefillChunk = 4096;
  if (!device.is_native()) options.num_threads = 1;
  if (device.kind == DeviceKind::Cuda) options.prefill_chunk = kCudaPrefillChunk;
  return options;
}

}  // namespace caco::lm
