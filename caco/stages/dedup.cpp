#include "caco/stages/dedup.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/stages/model_calls.h"

namespace caco {
namespace {

constexpr int64_t kVersion = 1;

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
    const auto [program, is_new] = programs_.try_emplace(hash_64(form), pack(sample.id));
    if (!is_new) {
      return Rejection{RejectReason::DuplicateProgram, "", "same as " + unpack(program->second)};
    }
    if (sample.origin == Origin::Seed && sample.problem && options_.compare_questions) {
      const auto [question, is_first] =
          questions_.try_emplace(question_key(sample.problem->question), pack(sample.id));
      if (!is_first) {
        return Rejection{RejectReason::DuplicateSeed, "",
                         "same question as " + unpack(question->second)};
      }
    }
    int64_t& count = per_structure_[hash_64(facts.structure)];
    if (options_.max_per_structure > 0 && count >= options_.max_per_structure) {
      return Rejection{RejectReason::DuplicateProgram, "",
                       "more than " + std::to_string(options_.max_per_structure) +
                           " programs of this structure"};
    }
    ++count;
    return std::nullopt;
  }

 private:
  const DedupOptions& options_;
  std::unordered_map<uint64_t, SampleId> programs_;
  std::unordered_map<uint64_t, SampleId> questions_;
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
  const DedupOptions options_;
  const int64_t round_;
};

}  // namespace

uint64_t question_key(std::string_view question) {
  std::string plain;
  for (const char c : question) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) {
      plain += static_cast<char>(std::tolower(byte));
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += c == '.' || c == '-' || c == '/' ? c : ' ';  // 2.5 is not 25, -5 is not 5
    }
  }
  while (!plain.empty() && (plain.back() == ' ' || plain.back() == '.')) {
    plain.pop_back();
  }
  return hash_64(plain);
}

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
