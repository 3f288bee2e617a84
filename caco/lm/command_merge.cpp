// caco-lm merge: adds a LoRA adapter in PEFT's layout to a checkpoint.
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "caco/lm/checkpoint.h"
#include "caco/lm/commands.h"
#include "caco/lm/lora_adapter.h"

namespace caco::lm {
namespace {

struct MergeArguments {
  std::string model;
  std::string adapter;
  std::string out;
  std::string dtype;  // empty: as the model's
  int64_t max_shard_mb = 5000;
};

const std::map<std::string, DType>& dtypes() {
  static const std::map<std::string, DType> names = {
      {"float32", DType::F32}, {"float16", DType::F16}, {"bfloat16", DType::BF16}};
  return names;
}

std::string model_card(const LoraAdapter& adapter) {
  const std::string& base = adapter.config.base_model_name_or_path;
  std::string card = "---\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n";
  card.append("# A model with a merged adapter\n\nBase: ")
      .append(base.empty() ? "not named" : base);
  card.append(". The adapter changes ").append(std::to_string(adapter.pairs.size()));
  card.append(" weights (LoRA, rank ").append(std::to_string(adapter.config.r));
  return card.append("); merged in float32 with `caco-lm merge`.\n");
}

Result<void> merge(const MergeArguments& arguments) {
  Checkpoint checkpoint = TRY(load_checkpoint(arguments.model));
  const LoraAdapter adapter = TRY(read_lora_adapter(arguments.adapter));
  TRY(merge_adapter(checkpoint.weights, adapter));
  const std::string wanted =
      arguments.dtype.empty() ? checkpoint.config.torch_dtype : arguments.dtype;
  const auto dtype = dtypes().find(wanted);
  if (dtype == dtypes().end()) {
    return Error{ErrorCode::InvalidArgument, "cannot write weights as " + wanted,
                 "choose one with --dtype"};
  }
  SaveOptions options;
  options.dtype = dtype->second;
  options.tokenizer_directory = arguments.model;
  options.model_card = model_card(adapter);
  options.max_shard_bytes = arguments.max_shard_mb * 1'000'000;
  options.generation = checkpoint.generation;
  TRY(save_checkpoint(arguments.out, checkpoint.config, checkpoint.weights, options));
  std::printf("merged %zu weights into %s (%s)\n", adapter.pairs.size(), arguments.out.c_str(),
              wanted.c_str());
  return {};
}

}  // namespace

void add_merge_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<MergeArguments> arguments = std::make_shared<MergeArguments>();
  CLI::App* command = app.add_subcommand("merge", "Adds a LoRA adapter (PEFT) to a checkpoint");
  command->add_option("--model", arguments->model, "Directory of the base checkpoint")->required();
  command->add_option("--adapter", arguments->adapter, "Directory of the adapter")->required();
  command->add_option("--out", arguments->out, "Directory of the merged checkpoint")->required();
  command->add_option("--dtype", arguments->dtype, "Type of the weights; default: the base's")
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
