// caco-lm merge: adds a LoRA adapter in PEFT's layout to a checkpoint.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "caco/lm/adapter_merge.h"
#include "caco/lm/commands.h"

namespace caco::lm {
namespace {

constexpr const char* kMergeNotes = R"(
Tokenizer, chat template and the id that ends a reply are the adapter's where its folder has
tokenizer_config.json with tokenizer.json (or with vocab.json and merges.txt), else the base's; the
base's other end ids stay.

Example:
  caco-lm merge --model qwen --adapter my-adapter --out my-model)";

struct MergeArguments {
  MergeOptions options;
  int64_t max_shard_mb = 5000;
};

Result<void> merge(MergeArguments& arguments) {
  MergeOptions& options = arguments.options;
  options.max_shard_bytes = arguments.max_shard_mb * 1'000'000;
  const MergeResult result = TRY(merge_checkpoint(options));
  std::printf("merged %ld weights into %s (%s)\n", result.num_weights, options.output.c_str(),
              result.dtype.c_str());
  std::printf("tokenizer, chat template and end: of %s\n", result.tokenizer.c_str());
  return {};
}

}  // namespace

void add_merge_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<MergeArguments> arguments = std::make_shared<MergeArguments>();
  MergeOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("merge", "Adds a LoRA adapter (PEFT) to a checkpoint");
  command->footer(kMergeNotes);
  command->add_option("--model", options.model, "Directory of the base checkpoint")->required();
  command->add_option("--adapter", options.adapter, "Directory of the adapter")->required();
  command->add_option("--out", options.output, "Directory of the merged checkpoint")->required();
  command->add_option("--dtype", options.dtype, "Type of the weights; default: the base's")
      ->check(CLI::IsMember({"float32", "float16", "bfloat16"}));
  command->add_option("--max-shard-mb", arguments->max_shard_mb, "Largest file of weights, in MB")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([arguments, &exit_code] {
    const Result<void> result = merge(*arguments);
    if (result.ok()) return;
    std::fprintf(stderr, "caco-lm merge: %s\n", to_string(result.error()).c_str());
    exit_code = result.error().code == ErrorCode::InvalidArgument ? 2 : 1;
  });
}

}  // namespace caco::lm
