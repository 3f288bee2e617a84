// A checkpoint with a LoRA adapter added to it, as a model directory: what `caco-lm merge` writes.
#pragma once

#include <cstdint>
#include <string>

#include "caco/base/result.h"

namespace caco::lm {

struct MergeOptions {
  std::string model;    // directory of the base checkpoint
  std::string adapter;  // directory of the adapter in PEFT's layout
  std::string output;   // directory of the merged checkpoint
  std::string dtype;    // of the weights: float32, float16 or bfloat16; empty: as the base's
  int64_t max_shard_bytes = 5'000'000'000;
};

struct MergeResult {
  int64_t num_weights = 0;  // that the adapter changes
  std::string dtype;
  std::string tokenizer;  // the directory whose tokenizer, template and end were taken
};

// Merges in float32 and writes the checkpoint. Tokenizer, chat template and the id that ends a
// reply are the adapter's where its folder has a whole tokenizer: tokenizer_config.json with
// tokenizer.json, or with vocab.json and merges.txt; else the base's. They are never mixed, but the
// base's end ids stay behind the adapter's. Errors: those of load_checkpoint, read_lora_adapter,
// merge_adapter and save_checkpoint; InvalidArgument for a type that weights are not written in, a
// damaged tokenizer of the adapter, and one whose end is no id of the model.
Result<MergeResult> merge_checkpoint(const MergeOptions& options);

}  // namespace caco::lm
