// caco-lm recipe: writes a fine-tuning for the trainers of larger machines.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/lm/batch_plan.h"
#include "caco/lm/commands.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/training_options.h"
#include "caco/lm/training_recipe.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipeExamples = R"(
Takes the options of caco-lm train, and trains nothing. The folder of --write-to holds the records
with their template applied, the trainer's configuration and a README.md with the command to run.

Examples:
  caco-lm recipe --for llamafactory --write-to recipe --base models/embedded --data train.jsonl
      --output my-model
  caco-lm recipe --for trl --write-to recipe --base qwen --base-name Qwen/Qwen2.5-0.5B
      --data train.jsonl --eval-data test.jsonl --template chatml --lora-rank 16 --output my-model
  caco-lm recipe --for torchtune --write-to recipe --base qwen --data train.jsonl --packing
      --output my-model)";

struct RecipeArguments {
  FineTuneArguments fine_tune;
  std::string target;
  std::string folder;
};

const std::map<std::string, RecipeTarget>& targets() {
  static const std::map<std::string, RecipeTarget> known = {
      {"llamafactory", RecipeTarget::LlamaFactory},
      {"trl", RecipeTarget::Trl},
      {"torchtune", RecipeTarget::Torchtune}};
  return known;
}

std::vector<std::string> weight_files(const fs::path& base) {
  std::vector<std::string> names;
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(base, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("model") && name.ends_with(".safetensors")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

RecipeFacts collect_facts(const RecipeArguments& arguments, const ModelConfig& config,
                          const Tokenizer& tokenizer, const TrainingSet& data) {
  const TrainingArguments& training = arguments.fine_tune.training;
  const TrainerOptions& options = training.trainer;
  RecipeFacts facts;
  facts.base_folder = fs::absolute(arguments.fine_tune.base).lexically_normal().string();
  const std::string& name = arguments.fine_tune.base_name;
  facts.base = name.empty() ? facts.base_folder : name;
  facts.weight_files = weight_files(facts.base_folder);
  facts.config = config;
  facts.folder = fs::absolute(arguments.folder).lexically_normal().string();
  facts.output = fs::absolute(options.output_directory).lexically_normal().string();
  facts.eos_token = eos_text(tokenizer, config);
  facts.lora = options.lora;
  facts.learning_rate = options.learning_rate;
  facts.final_fraction = options.final_fraction;
  facts.weight_decay = options.weight_decay;
  facts.clip_norm = options.clip_norm;
  facts.epochs = options.batches.epochs;
  facts.seed = options.batches.seed;
  facts.max_length = training.max_length;
  facts.is_packing = training.is_packing;
  facts.recomputes_activations = options.recomputes_activations;
  BatchPlanOptions batches = options.batches;
  batches.batch_tokens *= training.accumulation_steps;
  batches.packing_length = training.is_packing ? training.max_length : 0;
  const BatchPlan plan = plan_batches(data, batches);
  facts.num_steps = plan.num_steps();
  facts.warmup_steps = static_cast<int64_t>(
      std::ceil(options.warmup_fraction * static_cast<double>(plan.num_steps())));
  const double documents =
      static_cast<double>(plan.documents.size()) / static_cast<double>(plan.num_steps());
  facts.records_per_step = training.is_packing
                               ? std::max<int64_t>(1, batches.batch_tokens / training.max_length)
                               : std::max<int64_t>(1, std::llround(documents));
  facts.eval_steps = options.eval_every_steps;
  facts.save_steps = options.save_every_steps;
  facts.save_total_limit = options.save_total_limit;
  facts.has_evaluation = !training.eval_data.empty();
  facts.is_text = is_plain_text(data);
  return facts;
}

Result<std::vector<RecipeFile>> files_of(RecipeTarget target, const RecipeFacts& facts) {
  if (target == RecipeTarget::LlamaFactory) return llama_factory_files(facts);
  return target == RecipeTarget::Trl ? trl_files(facts) : torchtune_files(facts);
}

RecipeRecords records_of(RecipeTarget target, const TrainingSet& data, const Tokenizer& tokenizer,
                         bool is_text) {
  if (target == RecipeTarget::Torchtune) return token_records(data);
  return text_records(data, tokenizer, is_text, /*drops_prefix=*/target == RecipeTarget::Trl);
}

Result<void> write_records(const fs::path& path, RecipeTarget target, const TrainingSet& data,
                           const Tokenizer& tokenizer, bool is_text) {
  const RecipeRecords records = records_of(target, data, tokenizer, is_text);
  TRY(write_file_atomic(path, records.lines));
  std::printf("%s: %ld records, %ld left out because their text has special tokens in it\n",
              path.c_str(), records.num_written, records.num_unfaithful);
  return {};
}

Result<int> write_recipe(RecipeArguments& arguments) {
  TrainingArguments& training = arguments.fine_tune.training;
  if (training.optimizer != "adamw") {
    return Error{ErrorCode::InvalidArgument, "a recipe has no muon", "use --optimizer adamw"};
  }
  const RecipeTarget target = targets().at(arguments.target);
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.fine_tune.base));
  ModelConfig config = TRY(read_model_config(arguments.fine_tune.base));
  const RecordOptions records = TRY(prepare_fine_tune(arguments.fine_tune, tokenizer, config));
  const TrainingSet data = TRY(read_training_set(training.data, tokenizer, records));
  if (training.trainer.lora.is_used()) {
    TRY(LoraParameters::create(ParameterLayout(config), training.trainer.lora));
  }
  const RecipeFacts facts = collect_facts(arguments, config, tokenizer, data);
  const std::vector<RecipeFile> files = TRY(files_of(target, facts));
  const fs::path folder(arguments.folder);
  TRY(make_folders(folder));
  TRY(write_records(folder / "train.jsonl", target, data, tokenizer, facts.is_text));
  if (facts.has_evaluation) {
    const TrainingSet evaluation = TRY(read_training_set(training.eval_data, tokenizer, records));
    TRY(write_records(folder / "eval.jsonl", target, evaluation, tokenizer, facts.is_text));
  }
  for (const auto& [name, content] : files) {
    TRY(write_file_atomic(folder / name, content));
    std::printf("%s\n", (folder / name).c_str());
  }
  return 0;
}

}  // namespace

void add_recipe_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<RecipeArguments> arguments = std::make_shared<RecipeArguments>();
  CLI::App* command =
      app.add_subcommand("recipe", "Writes a fine-tuning for LLaMA-Factory, TRL or torchtune");
  command->add_option("--for", arguments->target, "llamafactory, trl or torchtune")
      ->required()
      ->check(CLI::IsMember({"llamafactory", "trl", "torchtune"}));
  command->add_option("--write-to", arguments->folder, "Folder of the recipe")->required();
  add_fine_tune_options(*command, arguments->fine_tune);
  command->footer(kRecipeExamples);
  command->callback([arguments, &exit_code] { exit_code = exit_status(write_recipe(*arguments)); });
}

}  // namespace caco::lm
