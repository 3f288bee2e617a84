#include "caco/lm/torch/optimizer_shards.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>

namespace caco::lm {
namespace {

// Cuts lie at multiples of 256 bytes, so that the kernels of both sides load whole vectors.
constexpr int64_t kCutValues = 64;

// The cut next to `goal` that leaves Muon's matrices whole.
int64_t cut_near(const std::vector<TrainedPiece>& pieces, int64_t goal) {
  for (const TrainedPiece& piece : pieces) {
    const int64_t end = piece.offset + piece.size();
    if (goal < piece.offset || goal >= end) continue;
    if (piece.rule != UpdateRule::Muon) return std::max(piece.offset, goal - goal % kCutValues);
    return goal - piece.offset <= end - goal ? piece.offset : end;
  }
  return goal;
}

}  // namespace

int64_t TrainedPiece::size() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>());
}

std::vector<TrainedPiece> trained_pieces(const ParameterLayout& layout, Optimizer optimizer,
                                         const LoraParameters* lora) {
  std::vector<TrainedPiece> pieces;
  if (lora != nullptr) {
    for (const LoraParameters::Module& module : lora->modules()) {
      pieces.push_back(
          {module.a, {lora->rank() * (module.rows + module.columns)}, UpdateRule::DecayedAdamW});
    }
    return pieces;
  }
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    const bool is_matrix = slot.weight.shape.size() > 1;
    const bool is_hidden = is_matrix && slot.weight.name.starts_with("model.layers.");
    UpdateRule rule = is_matrix ? UpdateRule::DecayedAdamW : UpdateRule::PlainAdamW;
    if (is_hidden && optimizer == Optimizer::Muon) rule = UpdateRule::Muon;
    pieces.push_back({slot.offset, slot.weight.shape, rule});
  }
  return pieces;
}

std::vector<OptimizerShard> plan_shards(const std::vector<TrainedPiece>& pieces, int64_t size,
                                        int64_t num_shards) {
  assert(num_shards > 0);
  std::vector<OptimizerShard> shards;
  int64_t begin = 0;
  for (int64_t i = 1; i <= num_shards; ++i) {
    OptimizerShard shard;
    shard.begin = begin;
    shard.end = i == num_shards ? size : std::max(begin, cut_near(pieces, size * i / num_shards));
    for (const TrainedPiece& piece : pieces) {
      const int64_t first = std::max(piece.offset, shard.begin);
      const int64_t last = std::min(piece.offset + piece.size(), shard.end);
      if (first >= last) continue;
      const bool is_whole = last - first == piece.size();
      assert(is_whole || piece.rule != UpdateRule::Muon);
      shard.pieces.push_back(
          {first, is_whole ? piece.shape : std::vector<int64_t>{last - first}, piece.rule});
    }
    begin = shard.end;
    shards.push_back(std::move(shard));
  }
  return shards;
}

}  // namespace caco::lm
