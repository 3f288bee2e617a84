// How trained values are divided among devices: all of them once, in order, evenly, Muon's matrices
// whole.
#include "caco/lm/torch/optimizer_shards.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "caco/lm/small_config.h"

namespace caco::lm {
namespace {

// The shards of `num_shards` cover [0, size), and their pieces all values of `pieces`, by one rule.
void expect_cover(const std::vector<TrainedPiece>& pieces, int64_t size,
                  const std::vector<OptimizerShard>& shards) {
  std::vector<int> rules(to_size(size), -1);
  for (const TrainedPiece& piece : pieces)
    std::fill_n(rules.begin() + piece.offset, piece.size(), static_cast<int>(piece.rule));
  int64_t begin = 0;
  for (const OptimizerShard& shard : shards) {
    EXPECT_EQ(shard.begin, begin);
    EXPECT_GE(shard.end, shard.begin);
    begin = shard.end;
    for (const TrainedPiece& piece : shard.pieces) {
      EXPECT_GE(piece.offset, shard.begin);
      EXPECT_LE(piece.offset + piece.size(), shard.end);
      for (int64_t i = piece.offset; i < piece.offset + piece.size(); ++i) {
        EXPECT_EQ(rules[to_size(i)], static_cast<int>(piece.rule)) << i;
        rules[to_size(i)] = -1;
      }
    }
  }
  EXPECT_EQ(begin, size);
  EXPECT_EQ(std::count(rules.begin(), rules.end(), -1), size);
}

TEST(OptimizerShards, EveryValueHasOneShard) {
  const ParameterLayout layout(small_config_of(ModelFamily::Qwen3));
  for (const Optimizer optimizer : {Optimizer::AdamW, Optimizer::Muon}) {
    const std::vector<TrainedPiece> pieces = trained_pieces(layout, optimizer, nullptr);
    for (const int64_t num_shards : {1, 2, 3, 8, 64}) {
      SCOPED_TRACE(num_shards);
      expect_cover(pieces, layout.size(), plan_shards(pieces, layout.size(), num_shards));
    }
  }
}

TEST(OptimizerShards, OneShardLeavesAllPiecesWhole) {
  const ParameterLayout layout(small_config());
  const std::vector<TrainedPiece> pieces = trained_pieces(layout, Optimizer::Muon, nullptr);
  const OptimizerShard shard = plan_shards(pieces, layout.size(), 1).front();
  ASSERT_EQ(shard.pieces.size(), pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i)
    EXPECT_EQ(shard.pieces[i].shape, pieces[i].shape);
}

TEST(OptimizerShards, ShardsAreEven) {
  const ParameterLayout layout(small_config());
  const std::vector<TrainedPiece> pieces = trained_pieces(layout, Optimizer::AdamW, nullptr);
  for (const int64_t num_shards : {2, 3, 7}) {
    for (const OptimizerShard& shard : plan_shards(pieces, layout.size(), num_shards)) {
      EXPECT_NEAR(static_cast<double>(shard.size()),
                  static_cast<double>(layout.size()) / static_cast<double>(num_shards), 64.0);
    }
  }
}

TEST(OptimizerShards, MuonMatricesAreNeverCut) {
  const auto muon = [](int64_t offset, int64_t rows) {
    return TrainedPiece{offset, {rows, 100}, UpdateRule::Muon};
  };
  const struct {
    std::vector<TrainedPiece> pieces;
    std::vector<int64_t> ends;  // of two shards
  } rows[] = {
      {{muon(0, 10), muon(1000, 10)}, {1000, 2000}},
      {{muon(0, 13), muon(1300, 7)}, {1300, 2000}},  // the nearer end
      {{muon(0, 5), muon(500, 15)}, {500, 2000}},    // the middle: the beginning
      {{muon(0, 20)}, {0, 2000}},                    // one device has nothing to do
      {{{0, {10, 100}, UpdateRule::DecayedAdamW}, {1000, {1000}, UpdateRule::PlainAdamW}},
       {1000, 2000}},
      {{{0, {20, 100}, UpdateRule::DecayedAdamW}}, {960, 2000}},  // at whole vectors
  };
  for (const auto& row : rows) {
    const std::vector<OptimizerShard> shards = plan_shards(row.pieces, 2000, 2);
    ASSERT_EQ(shards.size(), 2u);
    EXPECT_EQ(shards[0].end, row.ends[0]);
    EXPECT_EQ(shards[1].end, row.ends[1]);
    expect_cover(row.pieces, 2000, shards);
  }
}

}  // namespace
}  // namespace caco::lm
