// The two shapes of a step. Stage: per-sample work, concurrent, no files. Barrier: work done once
// when all input is there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/record/sample.h"

namespace caco {

// What a step needs filled and what it adds. A plan whose parts do not fit fails before it runs.
struct StageParts {
  std::vector<Part> needs;
  std::vector<Part> adds;
};

// A batch comes out as it went in, in the same order and number: a rejected sample has `rejection`
// set (reason and detail; the engine fills in the step). A stage never drops or adds samples.
using Batch = std::vector<Sample>;

// REQUIRES of implementations: const and safe to call concurrently; same batch, same result,
// however samples are grouped into batches.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string_view name() const = 0;  // "execute"; also the name of its table in the recipe
  virtual StageParts parts() const = 0;
  // Everything besides the input that the output depends on, as text: options, prompt, model
  // identity, version of the code. Goes into receipts.
  virtual std::string fingerprint() const = 0;
  // Most samples to hand to one process() call, and how many calls to make at once.
  virtual int64_t batch_size() const = 0;
  virtual int64_t num_concurrent_batches() const = 0;
  // Fills parts or sets rejections. An Error stops the step (dead server, full disk): what was done
  // stays done.
  virtual Status process(Batch& batch) const = 0;
};

// Reads all input of a barrier, sample by sample, in the order of its shards; as often as asked.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  // Calls visit for each kept sample; stops at the first Error.
  virtual Status for_each(const std::function<Status(const Sample&)>& visit) const = 0;
  virtual Result<int64_t> count() const = 0;
};

// Where a barrier writes. `folder` is a fresh folder that becomes the step's folder when the
// barrier returns; `emit` writes a sample to the step's output shards (kept, or rejected when
// `rejection` is set). `cache_folder` survives a kill, for work that resumes (training
// checkpoints).
struct Workspace {
  std::filesystem::path folder;
  std::filesystem::path cache_folder;
  std::function<Status(const Sample&)> emit;
  std::function<void(int64_t done, int64_t total, std::string_view what)> report_progress;
  std::function<bool()> is_cancelled;
};

class Barrier {
 public:
  virtual ~Barrier() = default;
  virtual std::string_view name() const = 0;
  virtual StageParts parts() const = 0;
  virtual std::string fingerprint() const = 0;
  // Every sample of `source` that should live on in a later step must be emitted, kept or rejected;
  // train and evaluate emit nothing.
  virtual Status process(const SampleSource& source, Workspace& workspace) const = 0;
};

// Makes samples out of nothing but an index range: seeds and generation. make(first, count) gives
// exactly `count` samples, some perhaps with `rejection` set; a pure function of its arguments and
// the fingerprint.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::string_view name() const = 0;
  virtual StageParts parts() const = 0;
  virtual std::string fingerprint() const = 0;
  virtual Result<int64_t> total() const = 0;  // number of samples it will make
  virtual int64_t batch_size() const = 0;
  virtual int64_t num_concurrent_batches() const = 0;
  virtual Result<Batch> make(int64_t first, int64_t count) const = 0;
};

}  // namespace caco
