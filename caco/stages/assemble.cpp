#include "caco/stages/assemble.h"

#include <unordered_set>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/dedup/exact_index.h"
#include "caco/dedup/normalise_question.h"
#include "caco/stages/line_file.h"
#include "caco/stages/model_calls.h"

namespace caco {
namespace {

constexpr size_t kNumFirstRows = 3;

Json row_of(const Sample& sample) {
  const Verification& verified = *sample.verification;
  const Solution& chosen = sample.solutions[static_cast<size_t>(verified.chosen)];
  Json row;
  row["instruction"] = sample.problem->question;
  row["output"] = chosen.text;
  row["answer"] = chosen.answer;
  row["code"] = sample.program->text;
  row["id"] = sample.id;
  row["parent"] = sample.parent;
  row["origin"] = to_string(sample.origin);
  row["round"] = sample.round;
  row["source"] = sample.seed ? sample.seed->source : "";
  row["seed_id"] = sample.seed ? sample.seed->seed_id : "";
  row["structure"] = sample.execution->facts.structure;
  row["num_solutions"] = verified.num_solutions;
  row["num_agree"] = verified.num_equal;
  row["consistency"] = verified.consistency;
  return row;
}

// Counts rows while they are written.
class Summary {
 public:
  void add(const Sample& sample, const Json& row, size_t num_bytes) {
    DataSetSummary& all = summary_;
    ++all.num_rows;
    all.num_bytes += static_cast<int64_t>(num_bytes);
    if (sample.verification->consistency == "steps") ++all.num_steps_checked;
    num_instruction_chars_ += static_cast<double>(sample.problem->question.size());
    num_output_chars_ += static_cast<double>(row["output"].get_ref<const std::string&>().size());
    const bool is_seed = sample.origin == Origin::Seed;
    ++(is_seed ? all.num_seed_rows : all.num_generated_rows);
    (is_seed ? seed_structures_ : generated_structures_)
        .insert(hash_64(sample.execution->facts.structure));
    std::vector<Json>& first = is_seed ? first_seeds_ : all.first_rows;
    if (first.size() < kNumFirstRows) first.push_back(row);
  }

  void add_same_question() { ++summary_.num_same_questions; }

  DataSetSummary finish(const std::string& name) {
    summary_.name = name;
    for (const uint64_t structure : generated_structures_) {
      if (!seed_structures_.contains(structure)) ++summary_.num_generated_structures;
    }
    summary_.num_structures =
        static_cast<int64_t>(seed_structures_.size()) + summary_.num_generated_structures;
    const double num_rows = summary_.num_rows > 0 ? static_cast<double>(summary_.num_rows) : 1;
    summary_.mean_instruction_chars = num_instruction_chars_ / num_rows;
    summary_.mean_output_chars = num_output_chars_ / num_rows;
    for (const Json& row : first_seeds_) {
      if (summary_.first_rows.size() < kNumFirstRows) summary_.first_rows.push_back(row);
    }
    return summary_;
  }

 private:
  DataSetSummary summary_;
  double num_instruction_chars_ = 0;
  double num_output_chars_ = 0;
  std::unordered_set<uint64_t> seed_structures_;
  std::unordered_set<uint64_t> generated_structures_;
  std::vector<Json> first_seeds_;
};

std::string encode_summary(const DataSetSummary& summary) {
  Json json;
  json["name"] = summary.name;
  json["num_rows"] = summary.num_rows;
  json["num_seed_rows"] = summary.num_seed_rows;
  json["num_generated_rows"] = summary.num_generated_rows;
  json["num_same_questions"] = summary.num_same_questions;
  json["num_structures"] = summary.num_structures;
  json["num_generated_structures"] = summary.num_generated_structures;
  json["num_steps_checked"] = summary.num_steps_checked;
  json["num_bytes"] = summary.num_bytes;
  json["mean_instruction_chars"] = summary.mean_instruction_chars;
  json["mean_output_chars"] = summary.mean_output_chars;
  return dump_json_pretty(json);
}

class AssembleBarrier final : public Barrier {
 public:
  AssembleBarrier(const AssembleOptions& options, DocumentWriter write_documents)
      : options_(options), write_documents_(std::move(write_documents)) {}

  std::string_view name() const override { return "assemble"; }
  StageParts parts() const override {
    return {{Part::Program, Part::Execution, Part::Problem, Part::Solutions, Part::Verification},
            {}};
  }

  std::string fingerprint() const override {
    AssembleOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(name(), kVersion, fields, {});
  }

  Status process(const SampleSource& source, Workspace& workspace) const override {
    const std::filesystem::path folder = workspace.folder / "dataset";
    TRY(make_folders(folder));
    LineFile rows = TRY(LineFile::create(folder / "train.jsonl"));
    Summary counted;
    ExactIndex questions;
    TRY(source.for_each([&](const Sample& sample) -> Status {
      const std::string question = normalise_question(sample.problem->question);
      if (options_.drop_same_questions && questions.add(question, 0)) {
        counted.add_same_question();
        return {};
      }
      const Json row = row_of(sample);
      const std::string line = dump_json(row);
      counted.add(sample, row, line.size() + 1);
      return rows.add(line);
    }));
    TRY(rows.close());
    const DataSetSummary summary = counted.finish(options_.name);
    TRY(write_file_atomic(folder / "summary.json", encode_summary(summary)));
    if (!write_documents_) return {};
    for (const DataSetDocument& document : TRY(write_documents_(summary))) {
      TRY(write_file_atomic(folder / document.file, document.text));
    }
    return {};
  }

 private:
  static constexpr int64_t kVersion = 2;

  const AssembleOptions options_;
  const DocumentWriter write_documents_;
};

}  // namespace

void describe(OptionFields& fields, AssembleOptions& options) {
  fields.text("name", options.name, "name of the data set");
  fields.boolean("drop_same_questions", options.drop_same_questions,
                 "of samples that ask the same question, take the first alone");
}

std::unique_ptr<Barrier> make_assemble_barrier(const AssembleOptions& options,
                                               DocumentWriter write_documents) {
  return std::make_unique<AssembleBarrier>(options, std::move(write_documents));
}

}  // namespace caco
