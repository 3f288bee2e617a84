#include "caco/stages/dedup.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/dedup/exact_index.h"
#include "caco/dedup/normalise_question.h"
#include "caco/stages/model_calls.h"
#include "caco/stages/rejection.h"

namespace caco {
namespace {

// Ids are kept in place, not as strings: there may be tens of millions.
using SampleId = std::array<char, 32>;

SampleId pack(const std::string& id) {
  SampleId packed = {};
  std::copy_n(id.begin(), std::min(id.size(), packed.size()), packed.begin());
  return packed;
}

std::string unpack(const SampleId& packed) {
  return {packed.begin(), std::find(packed.begin(), packed.end(), '\0')};
}

// The state of one pass over the samples.
class Pass {
 public:
  explicit Pass(const DedupOptions& options) : options_(options) {}

  // Returns why the sample is not let through, and remembers it otherwise.
  std::optional<Rejection> check(const Sample& sample) {
    const ProgramFacts& facts = sample.execution->facts;
    const std::string& form = facts.normal_form.empty() ? sample.program->text : facts.normal_form;
    const int64_t number = static_cast<int64_t>(ids_.size());
    ids_.push_back(pack(sample.id));
    if (const std::optional<int64_t> first = programs_.add(form, number)) {
      return reject(RejectReason::DuplicateProgram, "same as " + id_of(*first));
    }
    if (sample.origin == Origin::Seed && sample.problem && options_.compare_questions) {
      const std::string question = normalise_question(sample.problem->question);
      if (const std::optional<int64_t> first = questions_.add(question, number)) {
        return reject(RejectReason::DuplicateSeed, "same question as " + id_of(*first));
      }
    }
    int64_t& count = per_structure_[hash_64(facts.structure)];
    if (options_.max_per_structure > 0 && count >= options_.max_per_structure) {
      return reject(RejectReason::DuplicateProgram, "more than " +
                                                        std::to_string(options_.max_per_structure) +
                                                        " programs of this structure");
    }
    ++count;
    return std::nullopt;
  }

 private:
  std::string id_of(int64_t number) const { return unpack(ids_[static_cast<size_t>(number)]); }

  const DedupOptions& options_;
  std::vector<SampleId> ids_;  // by number, of all samples that were looked at
  ExactIndex programs_;
  ExactIndex questions_;
  std::unordered_map<uint64_t, int64_t> per_structure_;
};

class NoveltyCount {
 public:
  void add_seed(const Sample& sample) { seeds_.insert(structure_of(sample)); }

  void add_generated(const Sample& sample, bool is_kept) {
    ++num_generated_;
    if (is_kept) ++kept_[structure_of(sample)];
  }

  // Seeds and generated programs may come in any order: what is new is decided at the end.
  Novelty result() const {
    Novelty novelty;
    novelty.num_generated = num_generated_;
    novelty.num_seed_structures = static_cast<int64_t>(seeds_.size());
    novelty.num_distinct_structures = static_cast<int64_t>(kept_.size());
    for (const auto& [structure, count] : kept_) {
      novelty.num_unique += count;
      if (seeds_.contains(structure)) continue;
      novelty.num_new_structures += count;
      ++novelty.num_distinct_new;
    }
    return novelty;
  }

 private:
  static uint64_t structure_of(const Sample& sample) {
    return hash_64(sample.execution->facts.structure);
  }

  int64_t num_generated_ = 0;
  std::unordered_set<uint64_t> seeds_;
  std::unordered_map<uint64_t, int64_t> kept_;
};

std::string encode_novelty(const Novelty& novelty, int64_t round) {
  Json json;
  json["round"] = round;
  json["num_generated"] = novelty.num_generated;
  json["num_unique"] = novelty.num_unique;
  json["num_new_structures"] = novelty.num_new_structures;
  json["num_seed_structures"] = novelty.num_seed_structures;
  json["num_distinct_structures"] = novelty.num_distinct_structures;
  json["num_distinct_new"] = novelty.num_distinct_new;
  return dump_json_pretty(json);
}

class DedupBarrier final : public Barrier {
 public:
  DedupBarrier(const DedupOptions& options, int64_t round) : options_(options), round_(round) {}

  std::string_view name() const override { return "dedup"; }
  StageParts parts() const override { return {{Part::Program, Part::Execution}, {}}; }

  std::string fingerprint() const override {
    DedupOptions options = options_;
    OptionFields fields;
    describe(fields, options);
    return make_fingerprint(name(), kVersion, fields, {std::to_string(round_)});
  }

  Status process(const SampleSource& source, Workspace& workspace) const override {
    Pass pass(options_);
    NoveltyCount novelty;
    const int64_t total = TRY(source.count());
    int64_t num_done = 0;
    // What is known goes first, wherever it stands in the input.
    TRY(source.for_each([&](const Sample& sample) -> Status {
      if (sample.round < round_) pass.check(sample);
      if (sample.origin == Origin::Seed) novelty.add_seed(sample);
      return {};
    }));
    TRY(source.for_each([&](const Sample& sample) -> Status {
      if (workspace.report_progress && ++num_done % 1024 == 0) {
        workspace.report_progress(num_done, total, "samples");
      }
      if (sample.round < round_) return {};
      Sample passed = sample;
      passed.rejection = pass.check(sample);
      if (sample.origin == Origin::Generated) {
        novelty.add_generated(sample, /*is_kept=*/!passed.rejection);
      }
      return workspace.emit(passed);
    }));
    return write_file_atomic(workspace.folder / "novelty.json",
                             encode_novelty(novelty.result(), round_));
  }

 private:
  static constexpr int64_t kVersion = 2;

  const DedupOptions options_;
  const int64_t round_;
};

}  // namespace

void describe(OptionFields& fields, DedupOptions& options) {
  fields.boolean("compare_questions", options.compare_questions,
                 "reject a seed that asks the same question as an earlier one");
  fields.integer(
      "max_per_structure", options.max_per_structure, 0, 1'000'000'000,
      "most programs with the same steps, whatever their names and numbers; 0 = no limit");
}

std::unique_ptr<Barrier> make_dedup_barrier(const DedupOptions& options, int64_t round) {
  return std::make_unique<DedupBarrier>(options, round);
}

}  // namespace caco
