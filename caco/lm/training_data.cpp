#include "caco/lm/training_data.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "caco/base/hash.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

template <typename Value>
std::span<const Value> part_of(const std::vector<Value>& values, const std::vector<int64_t>& ends,
                               int64_t index) {
  assert(index >= 0 && index < static_cast<int64_t>(ends.size()));
  const int64_t begin = index == 0 ? 0 : ends[static_cast<size_t>(index - 1)];
  const int64_t end = ends[static_cast<size_t>(index)];
  return std::span<const Value>(values).subspan(static_cast<size_t>(begin),
                                                static_cast<size_t>(end - begin));
}

}  // namespace

std::span<const int32_t> TrainingSet::document(int64_t index) const {
  return part_of(tokens_, ends_, index);
}

std::span<const char> TrainingSet::targets(int64_t index) const {
  return part_of(is_target_, ends_, index);
}

std::string TrainingSet::fingerprint() const {
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(values[0]));
  };
  return hash_hex_of({bytes(tokens_), bytes(ends_), bytes(is_target_)});
}

void TrainingSet::add_piece(std::span<const int32_t> tokens, std::span<const char> is_target) {
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  is_target_.insert(is_target_.end(), is_target.begin(), is_target.end());
  is_target_[is_target_.size() - tokens.size()] = 0;  // nothing precedes the first token
  num_targets_ += std::count(is_target_.end() - static_cast<std::ptrdiff_t>(tokens.size()),
                             is_target_.end(), 1);
  ends_.push_back(static_cast<int64_t>(tokens_.size()));
}

void TrainingSet::add(const LabelledTokens& record, bool is_whole,
                      const TrainingDataOptions& options) {
  assert(record.tokens.size() == record.is_target.size());
  ++counts_.num_records;
  std::span<const int32_t> tokens = record.tokens;
  std::span<const char> is_target = record.is_target;
  const size_t most = static_cast<size_t>(options.max_length);
  const bool is_over_long = tokens.size() > most;
  const auto has_label = [](std::span<const char> mask) {
    return mask.size() > 1 && std::find(mask.begin() + 1, mask.end(), 1) != mask.end();
  };
  if (is_over_long && options.over_long == OverLong::Cut) {
    tokens = tokens.first(most);
    is_target = is_target.first(most);
  }
  if (!has_label(is_target)) {
    ++counts_.num_unlabelled;
    return;
  }
  if (!is_over_long || options.over_long == OverLong::Cut) {
    counts_.num_cut += is_over_long ? 1 : 0;
    add_piece(tokens, is_target);
    return;
  }
  if (options.over_long == OverLong::Drop || is_whole) {
    ++counts_.num_dropped;
    return;
  }
  ++counts_.num_split;
  for (size_t begin = 0; begin + 1 < tokens.size(); begin += most) {
    const size_t size = std::min(most, tokens.size() - begin);
    if (has_label(is_target.subspan(begin, size))) {
      add_piece(tokens.subspan(begin, size), is_target.subspan(begin, size));
    }
  }
}

void TrainingSet::add(std::span<const int32_t> tokens, int64_t first_target,
                      const TrainingDataOptions& options) {
  assert(first_target >= 0);
  LabelledTokens record;
  record.tokens.assign(tokens.begin(), tokens.end());
  record.is_target.assign(tokens.size(), 1);
  const int64_t given = std::min(first_target, static_cast<int64_t>(tokens.size()));
  std::fill_n(record.is_target.begin(), given, 0);
  add(record, /*is_whole=*/false, options);
}

void TrainingSet::append_to(int64_t index, PackedBatch& batch) const {
  const size_t begin = batch.targets.size();
  batch.add_document(document(index), 1);
  const std::span<const char> mask = targets(index);
  for (size_t i = 1; i < mask.size(); ++i) {
    if (mask[i] == 0) batch.targets[begin + i - 1] = -1;
  }
}

}  // namespace caco::lm
