// The same training for trainers of larger machines: LLaMA-Factory, TRL and torchtune.
//
// A recipe is a folder: the records as that trainer reads them, its configuration with the options
// of the run, and a README.md that says how to start it and what differs. The records are rendered
// and checked here, by the same code that trains here: what is written has the template in its text
// (or, for torchtune, is token ids with labels already), so that the other trainer adds nothing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/lora_training.h"
#include "caco/lm/model_config.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/training_data.h"

namespace caco::lm {

enum class RecipeTarget { LlamaFactory, Trl, Torchtune };

// What all three formats say in their own words.
struct RecipeFacts {
  std::string base;                       // path or hub id of the base model
  std::string base_folder;                // its folder on this machine, absolute
  std::vector<std::string> weight_files;  // in base_folder
  ModelConfig config;
  std::string folder;  // of the recipe, absolute
  std::string output;  // of the trained model
  std::string eos_token;
  LoraOptions lora;

  double learning_rate = 0;
  double final_fraction = 0;
  double weight_decay = 0;
  double clip_norm = 0;
  double epochs = 1;
  uint64_t seed = 1;
  int64_t max_length = 0;
  bool is_packing = false;
  bool recomputes_activations = false;  // gradient checkpointing
  int64_t num_steps = 0;                // of the run here
  int64_t warmup_steps = 0;
  int64_t records_per_step = 1;  // rows when packing
  int64_t eval_steps = 0;
  int64_t save_steps = 0;
  int64_t save_total_limit = 0;
  bool has_evaluation = false;
  bool is_text = false;  // every token of every record is learned
};

// A file of the recipe: name within its folder, and content.
using RecipeFile = std::pair<std::string, std::string>;

// Records for one trainer, one JSON object a line.
struct RecipeRecords {
  std::string lines;
  int64_t num_written = 0;
  int64_t num_unfaithful = 0;  // left out: their text would be tokenized as something else
};

// Whether every token of every document but its first is learned.
bool is_plain_text(const TrainingSet& data);

// Returns {"text"} records, or {"prompt", "completion"}: one for every learned turn, with all that
// precedes it as its prompt. `drops_prefix` leaves out what the tokenizer puts before every text,
// for a trainer that puts it there itself.
RecipeRecords text_records(const TrainingSet& data, const Tokenizer& tokenizer, bool is_text,
                           bool drops_prefix);

// Returns {"tokens": [...], "labels": [...]} records, labels being -100 where nothing is learned.
RecipeRecords token_records(const TrainingSet& data);

// Returns the configuration files of a target, README.md included. InvalidArgument: what the target
// cannot express, by name.
Result<std::vector<RecipeFile>> llama_factory_files(const RecipeFacts& facts);
Result<std::vector<RecipeFile>> trl_files(const RecipeFacts& facts);
Result<std::vector<RecipeFile>> torchtune_files(const RecipeFacts& facts);

// What a reader of a recipe is told about its trainer.
struct RecipeGuide {
  std::string program;
  std::string commands;     // one a line, to be run in the folder
  std::string tried;        // versions with which such recipes were run
  std::string devices;      // where there is not one GPU, in sentences; empty: nothing to say
  std::string differences;  // from the run here, lines of a list
};

// Returns the README.md of a recipe.
std::string recipe_readme(const RecipeFacts& facts, const RecipeGuide& guide);

// The largest number up to 8 that divides `records`: of a pass, the rest being accumulated.
int64_t records_per_pass(int64_t records);

// A number as a literal of YAML and Python: with a point, without which YAML reads 1e-05 as text.
std::string number_literal(double value);

// A text as a literal of JSON, YAML and Python alike.
std::string quoted_text(const std::string& text);

}  // namespace caco::lm
