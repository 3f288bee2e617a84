// The card of a data set: README.md in the manner of Hugging Face, with a YAML head that its hub
// reads. Everything that a user needs to decide
// whether to trust and use the data: what a row holds, which models made it, what was lost where,
// what it is not good for. Holds no times and no paths, so that equal runs give equal cards.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/base/json.h"
#include "caco/report/funnel.h"

namespace caco {

struct CardField {
  std::string name;
  std::string type;  // as Hugging Face names it: "string", "int64"
  std::string description;
};

struct CardModel {
  std::string role;   // "generator"
  std::string model;  // name and version, or hash of a local checkpoint
};

struct CardSource {
  std::string name;
  std::string licence;  // empty: not known
};

struct DataSetCard {
  std::string name;
  std::string file = "train.jsonl";
  int64_t num_rows = 0;
  std::string language = "en";
  std::string licence;  // SPDX name for the head; empty: the user must choose, and the card says so
  std::string version;  // of the program that made the data
  std::string recipe_hash;
  std::vector<CardField> fields;
  std::vector<CardModel> models;
  std::vector<CardSource> sources;                          // where the seeds came from
  std::vector<std::pair<std::string, std::string>> counts;  // facts shown as a list
  std::vector<FunnelRow> funnel;
  std::vector<std::string> limitations;  // sentences
  std::vector<Json> example_rows;
};

// Returns the fields that assembled data sets have.
std::vector<CardField> standard_fields();

// Returns what holds for every data set of this method, as sentences.
std::vector<std::string> standard_limitations();

// Returns README.md.
std::string render_data_set_card(const DataSetCard& card);

}  // namespace caco
