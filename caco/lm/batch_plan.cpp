#include "caco/lm/batch_plan.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>

namespace caco::lm {
namespace {

uint64_t next_random(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Fisher-Yates with a generator of its own, because std::shuffle differs between libraries.
std::vector<int64_t> permutation(int64_t size, uint64_t seed, uint64_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  uint64_t state = seed * 0x2545f4914f6cdd1du + epoch;
  next_random(state);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[next_random(state) % i]);
  }
  return order;
}

// The documents of one epoch in groups that stay together in a step.
std::vector<std::vector<int64_t>> epoch_groups(const TrainingSet& data,
                                               const BatchPlanOptions& options, uint64_t epoch) {
  const std::vector<int64_t> order = permutation(data.num_documents(), options.seed, epoch);
  std::vector<std::vector<int64_t>> groups;
  if (options.packing_length == 0) {
    for (const int64_t index : order)
      groups.push_back({index});
    return groups;
  }
  // Packing the shuffled documents gives every epoch other rows, and the rows are shuffled again:
  // packing leaves them sorted by the longest document.
  std::vector<int64_t> lengths;
  for (const int64_t index : order)
    lengths.push_back(data.length(index));
  const auto rows = pack_best_fit(lengths, options.packing_length);
  for (const int64_t row : permutation(static_cast<int64_t>(rows.size()), ~options.seed, epoch)) {
    groups.emplace_back();
    for (const int64_t place : rows[static_cast<size_t>(row)]) {
      groups.back().push_back(order[static_cast<size_t>(place)]);
    }
  }
  return groups;
}

}  // namespace

std::vector<std::vector<int64_t>> pack_best_fit(std::span<const int64_t> lengths,
                                                int64_t capacity) {
  assert(capacity > 0);
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  const auto length = [&](int64_t index) {
    return lengths[static_cast<size_t>(index)];
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return length(a) > length(b); });
  std::vector<std::vector<int64_t>> rows;
  std::multimap<int64_t, size_t> rows_by_room;  // equal room: the older row first
  for (const int64_t index : order) {
    const auto best = rows_by_room.lower_bound(length(index));
    size_t row = rows.size();
    int64_t room = capacity;
    if (best != rows_by_room.end()) {
      room = best->first;
      row = best->second;
      rows_by_room.erase(best);
    } else {
      rows.emplace_back();
    }
    rows[row].push_back(index);
    if (room > length(index)) rows_by_room.emplace(room - length(index), row);
  }
  return rows;
}

std::span<const int64_t> BatchPlan::step(int64_t index) const {
  const size_t begin = static_cast<size_t>(step_starts[static_cast<size_t>(index)]);
  const size_t end = static_cast<size_t>(step_starts[static_cast<size_t>(index + 1)]);
  return std::span<const int64_t>(documents).subspan(begin, end - begin);
}

BatchPlan plan_batches(const TrainingSet& data, const BatchPlanOptions& options) {
  assert(data.num_documents() > 0 && options.batch_tokens > 0);
  const int64_t most_tokens =
      options.max_tokens > 0
          ? options.max_tokens
          : std::llround(std::ceil(options.epochs * static_cast<double>(data.num_tokens())));
  BatchPlan plan;
  int64_t step_tokens = 0;
  const auto end_step = [&] {
    plan.step_starts.push_back(static_cast<int64_t>(plan.documents.size()));
    step_tokens = 0;
  };
  for (uint64_t epoch = 0; plan.num_tokens < most_tokens; ++epoch) {
    for (const std::vector<int64_t>& group : epoch_groups(data, options, epoch)) {
      if (plan.num_tokens >= most_tokens) break;
      int64_t length = 0;
      for (const int64_t index : group)
        length += data.length(index);
      if (step_tokens > 0 && step_tokens + length > options.batch_tokens) end_step();
      plan.documents.insert(plan.documents.end(), group.begin(), group.end());
      step_tokens += length;
      plan.num_tokens += length;
    }
  }
  if (step_tokens > 0) end_step();
  return plan;
}

std::vector<std::vector<std::vector<int64_t>>> divide_step(const TrainingSet& data,
                                                           std::span<const int64_t> documents,
                                                           int64_t num_workers,
                                                           int64_t pack_tokens) {
  // Longest first to the least loaded worker. Attention grows with the square of the length; at
  // this length it costs as much as the rest of a layer.
  constexpr int64_t kEqualLength = 4000;
  std::vector<int64_t> order(documents.begin(), documents.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return data.length(a) > data.length(b); });
  const size_t count = static_cast<size_t>(num_workers);
  std::vector<std::vector<int64_t>> shares(count);
  std::vector<int64_t> work(count, 0);
  std::vector<int64_t> tokens(count, 0);
  for (const int64_t index : order) {
    const int64_t length = data.length(index);
    const auto least = std::min_element(work.begin(), work.end());
    const size_t worker = static_cast<size_t>(least - work.begin());
    shares[worker].push_back(index);
    *least += length + length * length / kEqualLength;
    tokens[worker] += length;
  }
  std::vector<std::vector<std::vector<int64_t>>> packs(count);
  for (size_t worker = 0; worker < count; ++worker) {
    const int64_t num_packs =
        std::max<int64_t>(1, (tokens[worker] + pack_tokens - 1) / pack_tokens);
    const int64_t goal = (tokens[worker] + num_packs - 1) / num_packs;
    int64_t pack_size = goal;
    for (const int64_t index : shares[worker]) {
      if (pack_size >= goal) {
        packs[worker].emplace_back();
        pack_size = 0;
      }
      packs[worker].back().push_back(index);
      pack_size += data.length(index);
    }
  }
  return packs;
}

}  // namespace caco::lm
