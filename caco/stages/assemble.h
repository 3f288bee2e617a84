// assemble: writes the verified samples as a data set in the manner of Hugging Face: a folder
// dataset/ with train.jsonl and whatever documents the plan adds (the card README.md, the funnel).
//
// A row has the four fields of the paper's release (section 7), all strings: instruction (the
// question), output (the chosen solution), answer (its final answer), code (the program); and
// lineage: id, parent, origin, round, source, seed_id, structure, num_solutions, num_agree,
// consistency. Rows stand in the order of the input. Of samples that ask the same question the
// first is taken; the number of the others is in summary.json. Emits no samples.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/stages/stage.h"

namespace caco {

struct AssembleOptions {
  std::string name = "caco";  // of the data set
  bool drop_same_questions = true;
};

void describe(OptionFields& fields, AssembleOptions& options);

// What the data set holds; also written as dataset/summary.json.
struct DataSetSummary {
  std::string name;
  int64_t num_rows = 0;
  int64_t num_seed_rows = 0;
  int64_t num_generated_rows = 0;
  int64_t num_same_questions = 0;        // verified samples left out
  int64_t num_structures = 0;            // different structures of the programs
  int64_t num_generated_structures = 0;  // of the generated rows, not among the seed rows'
  int64_t num_steps_checked = 0;         // rows whose steps were compared with the program's
  int64_t num_bytes = 0;                 // of train.jsonl
  double mean_instruction_chars = 0;
  double mean_output_chars = 0;
  std::vector<Json> first_rows;  // at most three, generated ones first
};

// A file beside train.jsonl.
struct DataSetDocument {
  std::string file;  // "README.md"
  std::string text;
};

// Writes the documents of a data set; the plan passes one that knows the run's counts (the funnel),
// which a stage does not. May be empty.
using DocumentWriter = std::function<Result<std::vector<DataSetDocument>>(const DataSetSummary&)>;

// Returns the barrier.
std::unique_ptr<Barrier> make_assemble_barrier(const AssembleOptions& options,
                                               DocumentWriter write_documents);

}  // namespace caco
