#include "caco/pipeline/shard_work.h"

#include <algorithm>
#include <chrono>

#include "caco/base/file.h"
#include "caco/pipeline/board.h"
#include "caco/pipeline/ordered_work.h"
#include "caco/store/run_directory.h"

namespace caco {
namespace {

Error broken_step(const std::string& what) {
  return Error{ErrorCode::Internal, what, "this is a bug of the step"};
}

// Encodes a whole batch. The lines that went in are not needed any more and are freed.
Status encode_batch(Batch& samples, const std::string& label, PassingBatch& batch) {
  if (static_cast<int64_t>(samples.size()) != batch.count)
    return broken_step("a batch came out with another number of samples");
  std::vector<std::string>().swap(batch.lines);
  batch.samples.reserve(samples.size());
  for (Sample& sample : samples) {
    TRY(finish_sample(sample, label));
    OutgoingSample outgoing;
    outgoing.line = encode_sample(sample);
    if (sample.rejection) outgoing.rejected = sample.rejection->reason;
    batch.samples.push_back(std::move(outgoing));
  }
  return {};
}

Status work_on_batch(const Stage& stage, const std::string& label, PassingBatch& batch) {
  Batch samples;
  samples.reserve(batch.lines.size());
  std::vector<std::string> ids;
  for (const std::string& line : batch.lines) {
    Result<Sample> sample = decode_sample(line);
    if (!sample.ok()) {
      return Error{ErrorCode::DataLoss, "unreadable sample: " + sample.error().message,
                   "remove the folder of the step before it and run again"};
    }
    ids.push_back(sample.value().id);
    samples.push_back(std::move(sample).value());
  }
  TRY(stage.process(samples));
  for (size_t i = 0; i < std::min(ids.size(), samples.size()); ++i) {
    if (samples[i].id != ids[i]) return broken_step("samples changed their order");
  }
  return encode_batch(samples, label, batch);
}

// Runs the batches and writes shard, rejects and receipt.
Result<Receipt> run_shard(OrderedWork work, const ShardTask& task, int64_t num_samples) {
  const auto start = std::chrono::steady_clock::now();
  ShardOutput output;
  work.take = [&](PassingBatch& batch) -> Status {
    for (const OutgoingSample& sample : batch.samples)
      TRY(output.add(sample.line, sample.rejected));
    if (task.report) task.report(output.num_samples());
    return {};
  };
  TRY(run_in_order(work));
  if (output.num_samples() != num_samples) {
    return Error{ErrorCode::DataLoss,
                 "the numbers do not add up: " + std::to_string(num_samples) +
                     " samples went in, " + std::to_string(output.num_samples()) + " came out",
                 "remove the folder of the step before it and run again"};
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return output.finish(task, elapsed.count());
}

}  // namespace

Status finish_sample(Sample& sample, const std::string& label) {
  if (sample.id.empty()) return broken_step("a sample has no id");
  if (sample.rejection) sample.rejection->step = label;
  return {};
}

Status ShardOutput::add(const std::string& line, std::optional<RejectReason> rejected) {
  if (!rejected) return kept_.add(line);
  ++rejected_[*rejected];
  return rejects_.add(line);
}

Result<Receipt> ShardOutput::finish(const ShardTask& task, double seconds) {
  Receipt receipt;
  receipt.step = task.label;
  receipt.shard = task.shard;
  receipt.input_hash = task.input_hash;
  receipt.options_hash = task.options_hash;
  receipt.rejected = rejected_;
  receipt.seconds = seconds;
  receipt.output = TRY(kept_.finish(shard_path(task.folder, task.shard)));
  const std::filesystem::path rejects = rejects_path(task.folder, task.shard);
  if (rejects_.num_lines() > 0) {
    receipt.rejects = TRY(rejects_.finish(rejects));
  } else {
    std::error_code ignored;  // absent is what is wanted; anything else shows at the next run
    std::filesystem::remove(rejects, ignored);
  }
  TRY(write_file_atomic(receipt_path(task.folder, task.shard), encode_receipt(receipt)));
  return receipt;
}

Result<Receipt> make_source_shard(const Source& source, int64_t first, int64_t count,
                                  const ShardTask& task) {
  int64_t next = first;
  const int64_t batch_size = std::max<int64_t>(source.batch_size(), 1);
  OrderedWork work;
  work.num_threads = std::max<int64_t>(source.num_concurrent_batches(), 1);
  work.make = [&](PassingBatch& batch) -> Result<bool> {
    if (task.is_stopped()) return run_was_stopped();
    batch.first = next;
    batch.count = std::min(batch_size, first + count - next);
    next += batch.count;
    return batch.count > 0;
  };
  work.work = [&](PassingBatch& batch) -> Status {
    Batch samples = TRY(source.make(batch.first, batch.count));
    return encode_batch(samples, task.label, batch);
  };
  return run_shard(std::move(work), task, count);
}

Result<Receipt> make_stage_shard(const Stage& stage, const std::filesystem::path& input,
                                 int64_t num_samples, const ShardTask& task) {
  ShardReader reader = TRY(ShardReader::open(input));
  const int64_t batch_size = std::max<int64_t>(stage.batch_size(), 1);
  OrderedWork work;
  work.num_threads = std::max<int64_t>(stage.num_concurrent_batches(), 1);
  work.make = [&](PassingBatch& batch) -> Result<bool> {
    if (task.is_stopped()) return run_was_stopped();
    std::string line;
    while (batch.count < batch_size && TRY(reader.next(line))) {
      batch.lines.push_back(std::move(line));
      ++batch.count;
    }
    return batch.count > 0;
  };
  work.work = [&](PassingBatch& batch) {
    return work_on_batch(stage, task.label, batch);
  };
  return run_shard(std::move(work), task, num_samples);
}

}  // namespace caco
