#include "caco/pipeline/barrier_work.h"

#include <chrono>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/pipeline/board.h"
#include "caco/pipeline/shard_work.h"
#include "caco/store/step_folder.h"

namespace caco {
namespace {

class ShardSource final : public SampleSource {
 public:
  ShardSource(const std::vector<InputShard>& shards, std::function<bool()> is_stopped)
      : shards_(shards), is_stopped_(std::move(is_stopped)) {}

  Status for_each(const std::function<Status(const Sample&)>& visit) const override {
    for (const InputShard& shard : shards_) {
      if (is_stopped_()) return run_was_stopped();
      TRY(visit_shard(shard, visit));
    }
    return {};
  }

  Result<int64_t> count() const override {
    int64_t total = 0;
    for (const InputShard& shard : shards_)
      total += shard.num_samples;
    return total;
  }

 private:
  static Status visit_shard(const InputShard& shard,
                            const std::function<Status(const Sample&)>& visit) {
    ShardReader reader = TRY(ShardReader::open(shard.path));
    std::string line;
    int64_t num_read = 0;
    while (TRY(reader.next(line))) {
      const Result<Sample> sample = decode_sample(line);
      if (!sample.ok()) {
        return Error{ErrorCode::DataLoss,
                     "unreadable sample in " + shard.path.string() + ": " + sample.error().message,
                     "remove this file and run again"};
      }
      TRY(visit(sample.value()));
      ++num_read;
    }
    if (num_read == shard.num_samples) return {};
    return Error{ErrorCode::DataLoss,
                 "another number of samples than its receipt says: " + shard.path.string(),
                 "remove this file and run again"};
  }

  const std::vector<InputShard>& shards_;
  std::function<bool()> is_stopped_;
};

// Collects what a barrier emits into shards of a fixed size.
class EmittedShards {
 public:
  EmittedShards(std::filesystem::path folder, const BarrierTask& task)
      : shard_size_(task.shard_size) {
    shard_.folder = std::move(folder);
    shard_.label = task.label;
    shard_.input_hash = task.input_hash;
    shard_.options_hash = task.options_hash;
  }

  Status add(const Sample& sample) {
    Sample finished = sample;
    TRY(finish_sample(finished, shard_.label));
    std::optional<RejectReason> rejected;
    if (finished.rejection) rejected = finished.rejection->reason;
    TRY(output_.add(encode_sample(finished), rejected));
    ++num_emitted_;
    return output_.num_samples() >= shard_size_ ? close() : Status();
  }

  Status finish() { return output_.num_samples() > 0 ? close() : Status(); }

  int64_t num_emitted() const { return num_emitted_; }
  int64_t num_shards() const { return shard_.shard; }

 private:
  Status close() {
    TRY(std::exchange(output_, ShardOutput()).finish(shard_, /*seconds=*/0));
    ++shard_.shard;
    return {};
  }

  ShardTask shard_;
  int64_t shard_size_;
  ShardOutput output_;
  int64_t num_emitted_ = 0;
};

Status check_emitted(const BarrierTask& task, int64_t num_emitted) {
  if (task.num_to_emit < 0 || task.num_to_emit == num_emitted) return {};
  return Error{ErrorCode::Internal,
               "the numbers do not add up: " + std::to_string(task.num_to_emit) +
                   " samples went in, " + std::to_string(num_emitted) + " came out",
               "this is a bug of the step"};
}

}  // namespace

Result<StepReceipt> run_barrier(const Barrier& barrier, const RunDirectory& run,
                                const std::string& fingerprint_text, const BarrierTask& task) {
  const auto start = std::chrono::steady_clock::now();
  const std::filesystem::path final_folder = run.step(task.folder);
  const std::filesystem::path folder = temporary_path_for(final_folder);
  const std::string cache_name =
      task.folder + "-" + hash_hex_of({task.input_hash, task.options_hash}).substr(0, 16);
  TRY(remove_step_cache(run, task.folder, /*keep=*/cache_name));
  TRY(make_folders(folder));
  TRY(make_folders(run.cache_folder() / cache_name));

  EmittedShards emitted(folder, task);
  Workspace workspace;
  workspace.folder = folder;
  workspace.cache_folder = run.cache_folder() / cache_name;
  workspace.emit = [&](const Sample& sample) {
    return emitted.add(sample);
  };
  workspace.report_progress = task.report;
  workspace.is_cancelled = task.is_stopped;
  const ShardSource source(task.inputs, task.is_stopped);
  TRY(barrier.process(source, workspace));
  TRY(emitted.finish());
  TRY(check_emitted(task, emitted.num_emitted()));

  // From here on the work is done and only has to be put in its place.
  TRY(write_file_atomic(fingerprint_path(folder), fingerprint_text));
  StepReceipt receipt;
  receipt.step = task.label;
  receipt.input_hash = task.input_hash;
  receipt.options_hash = task.options_hash;
  receipt.num_shards = emitted.num_shards();
  receipt.files = TRY(list_files(folder));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  receipt.seconds = elapsed.count();
  TRY(write_file_atomic(step_receipt_path(folder), encode_step_receipt(receipt)));
  TRY(publish_step_folder(folder, final_folder));
  return receipt;
}

}  // namespace caco
