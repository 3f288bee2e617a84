#include "caco/lm/torch/torch_decoder.h"

#include <algorithm>
#include <utility>

#include "caco/lm/decode_kernels.h"
#include "caco/lm/torch/torch_guard.h"

namespace caco::lm {
namespace {

constexpr int64_t kPositionBlock = 64;  // the cache and its views grow by whole blocks
constexpr int64_t kLogitLanes = 16;     // rows of logits are readable up to a multiple of it

// bfloat16 on a GPU; float32 on a processor, where it is faster and can be compared.
at::ScalarType decode_type(const at::Device& device) {
  return device.is_cuda() ? at::kBFloat16 : at::kFloat;
}

// [R, H, D] to [R, G, H / G, D]: the queries that share a key head lie together.
at::Tensor by_key_head(const at::Tensor& q, int64_t num_key_heads) {
  return q.view({q.size(0), num_key_heads, q.size(1) / num_key_heads, q.size(2)});
}

}  // namespace

TorchDecodeBackend::TorchDecodeBackend(const Device& device, const Checkpoint& checkpoint)
    : config_(checkpoint.config), layout_(config_) {
  const at::Device target = torch_device(device);
  const at::ScalarType type = decode_type(target);
  weights_ = at::empty({layout_.size()}, at::TensorOptions().dtype(type).device(target));
  for (const ParameterLayout::Slot& slot : layout_.slots()) {
    const std::vector<float>& values = checkpoint.weights.at(slot.weight.name).values;
    weights_.narrow(0, slot.offset, slot.size).copy_(upload_values(values, target));
  }
}

std::unique_ptr<DecodeRunner> TorchDecodeBackend::make_runner(
    const DecodeRunnerOptions& options) const {
  return std::make_unique<TorchDecodeRunner>(config_, layout_, weights_, options);
}

TorchDecodeRunner::TorchDecodeRunner(const ModelConfig& config, const ParameterLayout& layout,
                                     const at::Tensor& weights, const DecodeRunnerOptions& options)
    : config_(config), options_(options), model_(config, layout, weights, weights.scalar_type()) {}

at::Tensor TorchDecodeRunner::indices(const std::vector<int64_t>& values) const {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(model_.device());
}

// Doubles the cache until it has the positions. The rest is zero: a masked value takes part with
// weight zero, and zero times what memory happens to hold need not be zero.
void TorchDecodeRunner::reserve(int64_t num_positions) {
  const int64_t before = cache_.defined() ? cache_.size(3) : 0;
  if (num_positions <= before) return;
  const int64_t limit = round_up(options_.capacity, kPositionBlock);
  const int64_t wanted = std::max(round_up(num_positions, kPositionBlock), 2 * before);
  const int64_t length = std::max(num_positions, std::min(wanted, limit));
  at::Tensor grown = at::zeros({config_.num_hidden_layers, 2, options_.num_slots, length,
                                config_.num_key_value_heads, config_.head_dim},
                               at::TensorOptions().dtype(model_.compute()).device(model_.device()));
  if (before > 0) grown.narrow(3, 0, before).copy_(cache_);
  cache_ = std::move(grown);
}

void TorchDecodeRunner::plan_singles(std::span<const DecodeRow> rows, std::span<const Run> singles,
                                     Plan& plan) const {
  if (singles.empty()) return;
  std::vector<int64_t> row_indices;
  std::vector<int64_t> slots;
  for (const Run& run : singles) {
    row_indices.push_back(run.first_row);
    slots.push_back(run.slot);
    plan.num_slots = std::max(plan.num_slots, run.slot + 1);
    plan.length = std::max(plan.length, run.position + 1);
  }
  plan.length = std::min(round_up(plan.length, kPositionBlock), cache_.size(3));
  // Slots between that do not grow look at their first position; nobody reads what comes out.
  std::vector<int64_t> last(static_cast<size_t>(plan.num_slots), 0);
  for (const Run& run : singles)
    last[static_cast<size_t>(run.slot)] = rows[static_cast<size_t>(run.first_row)].position;
  const at::Tensor positions = at::arange(plan.length, plan.positions.options());
  plan.mask = positions.unsqueeze(0)
                  .le(indices(last).unsqueeze(1))
                  .view({plan.num_slots, 1, 1, plan.length});
  plan.single_rows = indices(row_indices);
  plan.single_slots = indices(slots);
}

TorchDecodeRunner::Plan TorchDecodeRunner::make_plan(std::span<const DecodeRow> rows) {
  std::vector<Run> runs;
  std::vector<int64_t> slots;
  std::vector<int64_t> positions;
  int64_t longest = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool continues = i > 0 && rows[i].slot == rows[i - 1].slot;
    if (!continues) runs.push_back({static_cast<int64_t>(i), 0, rows[i].slot, rows[i].position});
    ++runs.back().num_rows;
    slots.push_back(rows[i].slot);
    positions.push_back(rows[i].position);
    longest = std::max(longest, rows[i].position + 1);
  }
  reserve(longest);
  Plan plan;
  plan.slots = indices(slots);
  plan.positions = indices(positions);
  std::vector<Run> singles;
  for (const Run& run : runs)
    (run.num_rows == 1 ? singles : plan.chunks).push_back(run);
  plan_singles(rows, singles, plan);
  return plan;
}

at::Tensor TorchDecodeRunner::attend_singles(const Plan& plan, int64_t layer,
                                             const at::Tensor& q) const {
  const auto cached = [&](int64_t part) {
    return cache_.select(0, layer)
        .select(0, part)
        .narrow(0, 0, plan.num_slots)
        .narrow(1, 0, plan.length)
        .transpose(1, 2);
  };
  at::Tensor queries = at::zeros({plan.num_slots, q.size(1), q.size(2)}, q.options());
  queries.index_copy_(0, plan.single_slots, q.index_select(0, plan.single_rows));
  const at::Tensor attended = torch_masked_attention(
      by_key_head(queries, config_.num_key_value_heads), cached(0), cached(1), plan.mask);
  return attended.reshape({plan.num_slots, q.size(1) * q.size(2)})
      .index_select(0, plan.single_slots);
}

at::Tensor TorchDecodeRunner::attend_chunk(const Run& run, int64_t layer, const at::Tensor& q,
                                           const at::Tensor& k, const at::Tensor& v) const {
  const int64_t n = run.num_rows;
  const int64_t width = q.size(1) * q.size(2);
  const auto rows_of = [&](const at::Tensor& x) {
    return x.narrow(0, run.first_row, n);
  };
  if (run.position == 0) {
    const auto batch_of = [&](const at::Tensor& x) {
      return rows_of(x).unsqueeze(0).transpose(1, 2);
    };
    return torch_causal_attention(batch_of(q), batch_of(k), batch_of(v))
        .transpose(1, 2)
        .reshape({n, width});
  }
  const int64_t num_key_heads = config_.num_key_value_heads;
  const int64_t length = run.position + n;
  const auto cached = [&](int64_t part) {
    return cache_.select(0, layer)
        .select(0, part)
        .narrow(0, run.slot, 1)
        .narrow(1, 0, length)
        .transpose(1, 2);
  };
  const int64_t shared = q.size(1) / num_key_heads;
  // [1, G, n * shared, D]: row i of the chunk, query j of the key head at i * shared + j.
  const at::Tensor queries = by_key_head(rows_of(q), num_key_heads)
                                 .permute({1, 0, 2, 3})
                                 .reshape({1, num_key_heads, n * shared, q.size(2)});
  const auto long_options = at::TensorOptions().dtype(at::kLong).device(q.device());
  const at::Tensor last = at::arange(run.position, length, long_options).repeat_interleave(shared);
  const at::Tensor mask =
      at::arange(length, long_options).unsqueeze(0).le(last.unsqueeze(1)).unsqueeze(0).unsqueeze(0);
  return torch_masked_attention(queries, cached(0), cached(1), mask)
      .view({num_key_heads, n, shared, q.size(2)})
      .permute({1, 0, 2, 3})
      .reshape({n, width});
}

at::Tensor TorchDecodeRunner::attend(const Plan& plan, int64_t layer, const at::Tensor& q,
                                     const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor keys = cache_.select(0, layer).select(0, 0);
  const at::Tensor values = cache_.select(0, layer).select(0, 1);
  keys.index_put_({plan.slots, plan.positions}, k);
  values.index_put_({plan.slots, plan.positions}, v);
  at::Tensor out = at::empty({q.size(0), q.size(1) * q.size(2)}, q.options());
  if (plan.single_rows.defined()) {
    out.index_copy_(0, plan.single_rows, attend_singles(plan, layer, q));
  }
  for (const Run& run : plan.chunks) {
    out.narrow(0, run.first_row, run.num_rows).copy_(attend_chunk(run, layer, q, k, v));
  }
  return out;
}

void TorchDecodeRunner::compute(std::span<const DecodeRow> rows) {
  const at::NoGradGuard no_gradients;
  const Plan plan = make_plan(rows);
  std::vector<int64_t> tokens;
  std::vector<int64_t> wanted;
  for (size_t i = 0; i < rows.size(); ++i) {
    tokens.push_back(rows[i].token);
    if (rows[i].wants_logits) wanted.push_back(static_cast<int64_t>(i));
  }
  const at::Tensor hidden =
      model_.forward_hidden(indices(tokens), plan.positions, cache_.size(3),
                            [&](int64_t layer, const at::Tensor& q, const at::Tensor& k,
                                const at::Tensor& v) { return attend(plan, layer, q, k, v); });
  if (wanted.empty()) return;
  const at::Tensor chosen = model_.logits_of(hidden.index_select(0, indices(wanted)));
  const int64_t stride = round_up(config_.vocab_size, kLogitLanes);
  if (!logits_.defined() || logits_.size(0) < chosen.size(0)) {
    logits_ = at::zeros({chosen.size(0), stride},
                        at::TensorOptions().dtype(at::kFloat).pinned_memory(chosen.is_cuda()));
  }
  logits_.narrow(0, 0, chosen.size(0)).narrow(1, 0, config_.vocab_size).copy_(chosen);
}

Result<void> TorchDecodeRunner::forward(std::span<const DecodeRow> rows) {
  return guarded([&]() -> Result<void> {
    compute(rows);
    return {};
  });
}

std::span<float> TorchDecodeRunner::logits(int64_t index) {
  return {logits_.data_ptr<float>() + index * logits_.size(1),
          static_cast<size_t>(config_.vocab_size)};
}

Result<void> TorchDecodeRunner::copy_prefix(int64_t from_slot, int64_t to_slot,
                                            int64_t num_positions) {
  return guarded([&]() -> Result<void> {
    if (num_positions == 0) return {};
    const auto prefix_of = [&](int64_t slot) {
      return cache_.select(2, slot).narrow(2, 0, num_positions);
    };
    prefix_of(to_slot).copy_(prefix_of(from_slot));
    return {};
  });
}

}  // namespace caco::lm
