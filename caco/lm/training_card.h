// The model card (README.md) of a trained model or adapter: base model, data, options, licence note
// and results, with the YAML block that the hub reads. It says nothing that differs when the same
// training is run again. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/training_data.h"

namespace caco::lm {

struct TrainingCard {
  std::string base_name;     // hub id or folder name of the base model; empty: from scratch
  std::string base_license;  // as the base model's card names it; empty: it does not
  bool is_adapter = false;
  std::string template_name;  // empty: records stand as they are

  struct DataFile {
    std::string name;
    std::string purpose;  // "training", "evaluation"
  };
  std::vector<DataFile> files;
  TrainingDataCounts counts;
  int64_t num_documents = 0;
  int64_t num_tokens = 0;
  int64_t num_targets = 0;
  std::string data_fingerprint;

  std::vector<std::pair<std::string, std::string>> options;  // name and value
  std::vector<std::pair<std::string, std::string>> results;
  bool is_finished = false;
};

// Returns the Markdown text.
std::string to_markdown(const TrainingCard& card);

// Returns the `license` of the YAML block on top of a card; empty when there is none.
std::string license_of_card(const std::string& markdown);

}  // namespace caco::lm
