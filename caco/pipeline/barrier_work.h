// A barrier's run: all input shards in, a fresh folder out, published by rename.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/stages/stage.h"
#include "caco/store/receipt.h"
#include "caco/store/run_directory.h"

namespace caco {

// One finished shard that a barrier reads.
struct InputShard {
  std::filesystem::path path;
  int64_t num_samples = 0;
};

struct BarrierTask {
  std::string folder;  // name of the step's folder
  std::string label;
  std::string input_hash;
  std::string options_hash;
  std::vector<InputShard> inputs;
  int64_t shard_size = 0;  // samples in a shard of what is emitted
  // Samples that must be emitted, -1 = any number.
  int64_t num_to_emit = -1;
  std::function<bool()> is_stopped;
  std::function<void(int64_t done, int64_t total, std::string_view what)> report;
};

// Runs the barrier and publishes its folder with shards, their receipts and, written last inside,
// the step's receipt. Work in the cache folder survives an Error or a kill, and is there again when
// the same barrier runs on the same input with the same options; removing it after success is the
// caller's.
Result<StepReceipt> run_barrier(const Barrier& barrier, const RunDirectory& run,
                                const std::string& fingerprint_text, const BarrierTask& task);

}  // namespace caco
