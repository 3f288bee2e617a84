#include "caco/pipeline/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/log.h"
#include "caco/pipeline/barrier_work.h"
#include "caco/pipeline/shard_work.h"
#include "caco/store/counts.h"
#include "caco/store/step_folder.h"

namespace caco {
namespace {

// How often the caller's is_cancelled is asked.
constexpr std::chrono::milliseconds kCancelPoll{50};

constexpr int64_t kNoShard = -1;

Error in_step(const Error& error, const std::string& label, int64_t shard) {
  Error named = error;
  named.message = shard == kNoShard
                      ? fmt::format("step {}: {}", label, error.message)
                      : fmt::format("step {}, shard {}: {}", label, shard, error.message);
  if (named.hint.empty()) named.hint = "run the same command again to go on; finished work is kept";
  return named;
}

class Run {
 public:
  Run(const std::vector<Step>& steps, const RunDirectory& run, const RunControls& controls)
      : steps_(steps),
        run_(run),
        controls_(controls),
        current_shard_(steps.size(), kNoShard),
        board_(static_cast<int64_t>(steps.size()), controls.report) {}

  Result<std::vector<StepResult>> run_all();

 private:
  // One step from beginning to end, on its thread.
  void run_step(int64_t index);
  Status run_source(int64_t index, const Source& source);
  Status run_stage(int64_t index, const Stage& stage);
  Status run_barrier_step(int64_t index, const Barrier& barrier);

  const Step& step(int64_t index) const { return steps_[static_cast<size_t>(index)]; }
  Status wait_for_after(int64_t index);
  Result<std::string> begin_step(int64_t index);
  ShardTask shard_task(int64_t index, int64_t shard, const std::string& options_hash);
  Status finish_shard(int64_t index, const ShardTask& task,
                      const std::function<Result<Receipt>()>& make);
  Status end_shards(int64_t index, int64_t num_shards);
  Result<BarrierTask> barrier_task(int64_t index);
  Status post_barrier_shards(int64_t index, int64_t num_shards, bool is_reused);
  Status check_numbers() const;

  const std::vector<Step>& steps_;
  const RunDirectory& run_;
  const RunControls& controls_;
  std::vector<int64_t> current_shard_;  // for messages; each entry belongs to its step's thread
  Board board_;
};

Status Run::wait_for_after(int64_t index) {
  for (const int64_t other : step(index).after)
    TRY(board_.wait_for_step(other));
  return {};
}

// Computes the fingerprint, keeps its text beside the shards, and returns its hash.
Result<std::string> Run::begin_step(int64_t index) {
  const Fingerprint fingerprint = fingerprint_of(step(index));
  const std::filesystem::path path = fingerprint_path(run_.step(step(index).folder));
  const Result<std::string> current = read_file(path);
  if (!current.ok() || current.value() != fingerprint.text)
    TRY(write_file_atomic(path, fingerprint.text));
  board_.update(index, [](StepProgress& progress) { progress.state = StepState::Running; });
  return fingerprint.hash;
}

ShardTask Run::shard_task(int64_t index, int64_t shard, const std::string& options_hash) {
  ShardTask task;
  task.folder = run_.step(step(index).folder);
  task.label = label_of(step(index));
  task.shard = shard;
  task.options_hash = options_hash;
  task.is_stopped = [this] {
    return board_.is_stopped();
  };
  const StepProgress before = board_.progress(index);
  const int64_t num_before = before.num_kept + before.num_rejected;
  task.report = [this, index, num_before](int64_t num_done) {
    board_.update(index,
                  [&](StepProgress& progress) { progress.num_done = num_before + num_done; });
  };
  return task;
}

// Skips the shard if its receipt matches, else makes it; posts it either way.
Status Run::finish_shard(int64_t index, const ShardTask& task,
                         const std::function<Result<Receipt>()>& make) {
  if (board_.is_stopped()) return run_was_stopped();
  current_shard_[static_cast<size_t>(index)] = task.shard;
  const std::optional<Receipt> found =
      find_matching_receipt(task.folder, task.shard, task.input_hash, task.options_hash);
  if (found) {
    board_.post_shard(index, posted_shard_of(*found), /*is_reused=*/true);
    return {};
  }
  const Receipt made = TRY(make());
  board_.post_shard(index, posted_shard_of(made), /*is_reused=*/false);
  return {};
}

// After the last shard: removes those of an earlier, longer run.
Status Run::end_shards(int64_t index, int64_t num_shards) {
  TRY(remove_shards_from(run_.step(step(index).folder), num_shards));
  const bool is_reused = board_.progress(index).num_shards_reused == num_shards;
  board_.post_complete(index, is_reused);
  return {};
}

Status Run::run_source(int64_t index, const Source& source) {
  TRY(wait_for_after(index));
  const std::string options_hash = TRY(begin_step(index));
  const int64_t total = TRY(source.total());
  board_.update(index, [&](StepProgress& progress) { progress.num_total = total; });
  int64_t shard = 0;
  for (int64_t first = 0; first < total; first += controls_.shard_size, ++shard) {
    const int64_t count = std::min(controls_.shard_size, total - first);
    ShardTask task = shard_task(index, shard, options_hash);
    task.input_hash = hash_hex(fmt::format("samples {} to {}", first, first + count));
    TRY(finish_shard(index, task, [&] { return make_source_shard(source, first, count, task); }));
  }
  return end_shards(index, shard);
}

Status Run::run_stage(int64_t index, const Stage& stage) {
  TRY(wait_for_after(index));
  const int64_t before = step(index).inputs[0];
  std::string options_hash;
  int64_t shard = 0;
  for (;; ++shard) {
    const std::optional<PostedShard> input = TRY(board_.wait_for_shard(before, shard));
    if (!input) break;
    if (shard == 0) options_hash = TRY(begin_step(index));
    const int64_t total = board_.expected_kept(before);
    board_.update(index, [&](StepProgress& progress) { progress.num_total = total; });
    ShardTask task = shard_task(index, shard, options_hash);
    task.input_hash = input->content_hash;
    const std::filesystem::path path = shard_path(run_.step(step(before).folder), shard);
    TRY(finish_shard(index, task,
                     [&] { return make_stage_shard(stage, path, input->num_kept, task); }));
  }
  return end_shards(index, shard);
}

// Waits for everything that the barrier reads. The hash of its input covers the kept samples of its
// inputs and all that came out of the steps that it comes after.
Result<BarrierTask> Run::barrier_task(int64_t index) {
  BarrierTask task;
  task.folder = step(index).folder;
  task.label = label_of(step(index));
  task.shard_size = controls_.shard_size;
  task.is_stopped = [this] {
    return board_.is_stopped();
  };
  std::vector<std::string> hashes;
  for (const int64_t input : step(index).inputs) {
    const std::vector<PostedShard> shards = TRY(board_.wait_for_step(input));
    hashes.push_back(label_of(step(input)));
    for (size_t shard = 0; shard < shards.size(); ++shard) {
      hashes.push_back(shards[shard].content_hash);
      task.inputs.push_back({shard_path(run_.step(step(input).folder), static_cast<int64_t>(shard)),
                             shards[shard].num_kept});
    }
  }
  for (const int64_t other : step(index).after) {
    const std::vector<PostedShard> shards = TRY(board_.wait_for_step(other));
    hashes.push_back("after " + label_of(step(other)));
    for (const PostedShard& shard : shards) {
      hashes.push_back(shard.content_hash);
      hashes.push_back(shard.rejects_hash);
    }
  }
  task.input_hash = hash_hex_of({hashes.begin(), hashes.end()});
  if (!step(index).passes_on.empty()) task.num_to_emit = 0;
  for (const int64_t input : step(index).passes_on)
    task.num_to_emit += board_.progress(input).num_kept;
  return task;
}

Status Run::post_barrier_shards(int64_t index, int64_t num_shards, bool is_reused) {
  const std::filesystem::path folder = run_.step(step(index).folder);
  for (int64_t shard = 0; shard < num_shards; ++shard) {
    const std::optional<Receipt> receipt = read_receipt(folder, shard);
    if (!receipt) {
      return Error{ErrorCode::DataLoss, "a receipt is missing: " + folder.string(),
                   "remove this folder and run again"};
    }
    board_.post_shard(index, posted_shard_of(*receipt), is_reused);
  }
  return {};
}

Status Run::run_barrier_step(int64_t index, const Barrier& barrier) {
  BarrierTask task = TRY(barrier_task(index));
  const Fingerprint fingerprint = fingerprint_of(step(index));
  task.options_hash = fingerprint.hash;
  board_.update(index, [](StepProgress& progress) { progress.state = StepState::Running; });
  task.report = [this, index](int64_t done, int64_t total, std::string_view what) {
    board_.update(index, [&](StepProgress& progress) {
      progress.num_done = done;
      progress.num_total = total;
      progress.note = what;
    });
  };
  const std::filesystem::path folder = run_.step(task.folder);
  std::optional<StepReceipt> receipt =
      find_matching_step_receipt(folder, task.input_hash, task.options_hash);
  const bool is_reused = receipt.has_value();
  if (!is_reused) receipt = TRY(run_barrier(barrier, run_, fingerprint.text, task));
  TRY(remove_step_cache(run_, task.folder, /*keep=*/""));
  TRY(post_barrier_shards(index, receipt->num_shards, is_reused));
  board_.post_complete(index, is_reused);
  return {};
}

void Run::run_step(int64_t index) {
  Status status;
  const Step& current = step(index);
  if (const auto* source = std::get_if<std::unique_ptr<Source>>(&current.work)) {
    status = run_source(index, **source);
  } else if (const auto* stage = std::get_if<std::unique_ptr<Stage>>(&current.work)) {
    status = run_stage(index, **stage);
  } else {
    status = run_barrier_step(index, **std::get_if<std::unique_ptr<Barrier>>(&current.work));
  }
  if (status.ok()) return;
  const bool is_own = status.error().code != ErrorCode::Cancelled;
  board_.update(index, [&](StepProgress& progress) {
    if (is_own || progress.state == StepState::Running)
      progress.state = is_own ? StepState::Failed : StepState::Stopped;
  });
  // When the run was already stopped, this changes nothing: the first error stays.
  board_.stop(
      in_step(status.error(), label_of(current), current_shard_[static_cast<size_t>(index)]));
}

// What a stage kept and rejected is what the step before it kept; and what the receipts say is what
// was seen here.
Status Run::check_numbers() const {
  std::vector<std::string> folders;
  for (const Step& one : steps_)
    folders.push_back(one.folder);
  const std::vector<StepCounts> counts = read_counts(run_, folders);
  for (size_t i = 0; i < steps_.size(); ++i) {
    const StepProgress progress = board_.progress(static_cast<int64_t>(i));
    int64_t num_in = progress.num_kept + progress.num_rejected;
    if (std::holds_alternative<std::unique_ptr<Stage>>(steps_[i].work))
      num_in = board_.progress(steps_[i].inputs[0]).num_kept;
    if (counts[i].num_kept == progress.num_kept &&
        counts[i].num_kept + counts[i].num_rejected() == num_in) {
      continue;
    }
    return Error{
        ErrorCode::DataLoss,
        fmt::format("step {}: the numbers do not add up: {} samples went in, {} are kept, "
                    "{} are rejected",
                    label_of(steps_[i]), num_in, counts[i].num_kept, counts[i].num_rejected()),
        "remove its folder and run again: " + steps_[i].folder};
  }
  return {};
}

Result<std::vector<StepResult>> Run::run_all() {
  TRY(remove_leftovers(run_));
  const auto num_steps = static_cast<int64_t>(steps_.size());
  std::mutex mutex;
  std::condition_variable ended;
  int64_t num_running = num_steps;  // guarded by mutex
  std::vector<std::thread> threads;
  for (int64_t i = 0; i < num_steps; ++i) {
    threads.emplace_back([this, i, &mutex, &ended, &num_running] {
      run_step(i);
      const std::lock_guard<std::mutex> lock(mutex);
      --num_running;
      ended.notify_all();
    });
  }
  std::unique_lock<std::mutex> lock(mutex);
  while (!ended.wait_for(lock, kCancelPoll, [&] { return num_running == 0; })) {
    if (controls_.is_cancelled && controls_.is_cancelled() && !board_.is_stopped()) {
      board_.stop(Error{ErrorCode::Cancelled, "stopped as asked",
                        "run the same command again to go on; finished work is kept"});
    }
  }
  lock.unlock();
  for (std::thread& thread : threads)
    thread.join();
  if (const std::optional<Error> error = board_.stop_error()) return *error;
  TRY(check_numbers());
  std::vector<StepResult> results;
  for (int64_t i = 0; i < num_steps; ++i)
    results.push_back({step(i).folder, board_.progress(i), board_.rejected(i)});
  return results;
}

}  // namespace

Result<std::vector<StepResult>> run_steps(const std::vector<Step>& steps, const RunDirectory& run,
                                          const RunControls& controls) {
  TRY(check_steps(steps));
  return Run(steps, run, controls).run_all();
}

}  // namespace caco
