// The sub-commands of caco-lm, one function each, so that main.cpp is only their list.
//
// Each function registers its sub-command with its options on `app`. CLI11 runs the command's
// callback while parsing; the callback writes the process exit status into `exit_code` (0 done,
// 1 the environment failed, 2 bad usage, 130 interrupted with a checkpoint written). `exit_code`
// must outlive `app`. Not thread-safe: called once, from main.
#pragma once

namespace CLI {
class App;
}

namespace caco::lm {

// caco-lm pretrain: trains a fresh model on {"text"} records.
void add_pretrain_command(CLI::App& app, int& exit_code);

// caco-lm train: fine-tunes a checkpoint, all of its weights or a LoRA adapter.
void add_train_command(CLI::App& app, int& exit_code);

// caco-lm recipe: writes a fine-tuning for LLaMA-Factory, TRL or torchtune.
void add_recipe_command(CLI::App& app, int& exit_code);

// caco-lm merge: adds a LoRA adapter in PEFT's layout to a checkpoint.
void add_merge_command(CLI::App& app, int& exit_code);

// caco-lm doctor: says which BLAS kernel runs here and how fast it is.
void add_doctor_command(CLI::App& app, int& exit_code);

// caco-lm tokenizer: trains a tokenizer, encodes and decodes.
void add_tokenizer_command(CLI::App& app, int& exit_code);

// caco-lm sample: completes prompts of a file or of the command line.
void add_sample_command(CLI::App& app, int& exit_code);

// caco-lm serve: the OpenAI-style HTTP server over a checkpoint.
void add_serve_command(CLI::App& app, int& exit_code);

}  // namespace caco::lm
