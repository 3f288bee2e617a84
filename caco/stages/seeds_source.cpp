#include "caco/stages/seeds_source.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "caco/seeds/families.h"
#include "caco/seeds/seed_reader.h"
#include "caco/stages/model_calls.h"

namespace caco {
namespace {

// One opened source: a reader of a file, or the families.
struct OpenSource {
  const SeedSourceOptions* options = nullptr;
  std::optional<SeedReader> reader;
  int64_t first = 0;  // place of its first sample among all
  int64_t size = 0;
};

// All sources, opened. Immutable.
struct OpenSources {
  std::vector<OpenSource> sources;
  std::optional<SeedFamilies> families;
  int64_t total = 0;
};

class SeedsSource final : public Source {
 public:
  SeedsSource(const SeedsOptions& options, Sandbox& sandbox)
      : options_(options), sandbox_(sandbox) {}

  std::string_view name() const override { return "seeds"; }
  StageParts parts() const override { return {{}, {Part::Seed}}; }

  std::string fingerprint() const override {
    std::vector<std::string> more = {std::to_string(options_.seed)};
    const Result<const OpenSources*> opened = open();
    if (!opened.ok()) return "seeds cannot be read: " + to_string(opened.error());
    for (const OpenSource& source : opened.value()->sources) {
      SeedSourceOptions options = *source.options;
      options.path.clear();  // the content counts, not where it lies
      // The number of seeds of the last source does not count either: more of them leave those that
      // are there at their places.
      if (&source == &opened.value()->sources.back()) options.count = 0;
      OptionFields fields;
      describe(fields, options);
      more.push_back(dump_json(options_to_json(fields, /*only_affecting=*/true)));
      more.push_back(source.reader ? source.reader->content_hash()
                                   : opened.value()->families->content_hash());
    }
    return make_fingerprint(name(), kVersion, OptionFields(), more);
  }

  Result<int64_t> total() const override {
    const OpenSources* const opened = TRY(open());
    return opened->total;
  }

  int64_t batch_size() const override { return kBatchSize; }
  int64_t num_concurrent_batches() const override { return 2; }

  Result<Batch> make(int64_t first, int64_t count) const override {
    const OpenSources* const opened = TRY(open());
    Batch batch;
    for (const OpenSource& source : opened->sources) {
      const int64_t begin = std::max(first, source.first);
      const int64_t end = std::min(first + count, source.first + source.size);
      if (begin >= end) continue;
      if (source.reader) {
        for (int64_t i = begin; i < end; ++i)
          batch.push_back(source.reader->read(i - source.first));
        continue;
      }
      std::vector<Sample> made = TRY(
          opened->families->make_seeds(sandbox_, static_cast<uint64_t>(options_.seed),
                                       begin - source.first, end - begin, source.options->name));
      std::move(made.begin(), made.end(), std::back_inserter(batch));
    }
    return batch;
  }

 private:
  static constexpr int64_t kVersion = 1;
  static constexpr int64_t kBatchSize = 100;

  // Opens the sources at the first call; an Error is remembered, so that a step fails as a whole.
  Result<const OpenSources*> open() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_) opened_ = open_all();
    if (!opened_->ok()) return opened_->error();
    return &opened_->value();
  }

  Result<OpenSources> open_all() const {
    OpenSources all;
    for (const SeedSourceOptions& options : options_.sources) {
      OpenSource source;
      source.options = &options;
      source.first = all.total;
      if (options.kind == "families") {
        if (!all.families) all.families = TRY(SeedFamilies::load(options_.families_folder));
        source.size = options.count;
      } else {
        const FieldMap map = TRY(field_map_of(options));
        source.reader = TRY(SeedReader::open(options.path, map, options.name));
        source.size = source.reader->size();
        if (options.count > 0) source.size = std::min(source.size, options.count);
      }
      all.total += source.size;
      all.sources.push_back(std::move(source));
    }
    return all;
  }

  const SeedsOptions options_;
  Sandbox& sandbox_;
  mutable std::mutex mutex_;
  mutable std::optional<Result<OpenSources>> opened_;
};

}  // namespace

void describe(OptionFields& fields, SeedSourceOptions& options) {
  fields.text("name", options.name, "name of this source of seeds");
  fields.choice("kind", options.kind, {"families", "file"},
                "the seed families that come with Caco, or a file of JSON Lines");
  fields.integer("count", options.count, 0, 1'000'000'000,
                 "families: how many seeds; file: at most so many lines, 0 = all");
  fields.text("path", options.path, "the file; plain, .gz or .zst");
  fields.text("preset", options.preset, "layout of the file's lines: plain, gsm8k, alpaca, mbpp");
  fields.text("question", options.question, "where the question stands; empty = as in the preset");
  fields.text("solution", options.solution, "where the solution stands; empty = as in the preset");
  fields.text("program", options.program, "where the program stands; empty = as in the preset");
  fields.text("answer", options.answer, "where the answer stands; empty = as in the preset");
  fields.text("id", options.id, "where the id stands; empty = as in the preset");
  fields.text("test", options.test, "where a test of the program stands; empty = as in the preset");
}

Result<FieldMap> field_map_of(const SeedSourceOptions& options) {
  FieldMap map = TRY(field_map_preset(options.preset));
  const auto replace = [](const std::string& given, std::string& field) {
    if (!given.empty()) field = given;
  };
  replace(options.question, map.question);
  replace(options.solution, map.solution);
  replace(options.program, map.program);
  replace(options.answer, map.answer);
  replace(options.id, map.id);
  replace(options.test, map.test);
  return map;
}

std::unique_ptr<Source> make_seeds_source(const SeedsOptions& options, Sandbox& sandbox) {
  return std::make_unique<SeedsSource>(options, sandbox);
}

}  // namespace caco
