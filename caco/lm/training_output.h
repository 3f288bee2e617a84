// What a training leaves in its output folder: the model in the Hugging Face layout or the adapter
// in PEFT's, the tokenizer, the model card, and the states from which it can be continued.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "caco/base/result.h"
#include "caco/lm/model_config.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_state.h"

namespace caco::lm {

class TrainingOutput {
 public:
  // All arguments must outlive the object; `lora` is null when all weights are trained.
  TrainingOutput(const ModelConfig& config, const ParameterLayout& layout,
                 const TrainerOptions& options, const LoraParameters* lora)
      : config_(config), layout_(layout), options_(options), lora_(lora) {}

  // Writes model or adapter into the output folder, then the state. `model_parameters` are what the
  // model computes with, `card` the text of README.md.
  Result<void> save(const TrainingState& state, std::span<const float> model_parameters,
                    const std::string& card) const;

  // The same as a folder of its own, checkpoint-STEP, which appears complete or not at all; then
  // removes the oldest ones beyond the limit.
  Result<void> save_checkpoint_folder(const TrainingState& state,
                                      std::span<const float> model_parameters,
                                      const std::string& card) const;

  // Removes what a kill left of unfinished checkpoint folders.
  void remove_leftovers() const;

  // Returns the latest state of the output folder and its checkpoints that can be read; a damaged
  // one is passed over with a warning as long as there is another. Nothing when there is none.
  // Errors: all are damaged; the latest belongs to a run of another identity.
  Result<std::optional<TrainingState>> latest_state(const std::string& identity) const;

 private:
  Result<void> save_into(const std::string& directory, const TrainingState& state,
                         std::span<const float> model_parameters, const std::string& card) const;
  Result<void> write_model(const std::string& directory, std::span<const float> model_parameters,
                           const std::string& card) const;
  Result<void> write_adapter(const std::string& directory, const TrainingState& state,
                             const std::string& card) const;
  Result<void> write_tokenizer(const std::string& directory) const;

  const ModelConfig& config_;
  const ParameterLayout& layout_;
  const TrainerOptions& options_;
  const LoraParameters* lora_;
};

}  // namespace caco::lm
