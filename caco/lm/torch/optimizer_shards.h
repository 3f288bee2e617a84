// Which part of the optimizer's state each device keeps: stage 1 of ZeRO (Rajbhandari et al., arXiv
// 1910.02054). The flat buffer of trained values is cut into as many stretches as there are
// devices, of about one length. A matrix that Muon updates is never cut, as its update needs all of
// it; the others are updated value by value and are cut anywhere. Free of LibTorch; pure,
// thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "caco/lm/lora_training.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/trainer.h"

namespace caco::lm {

enum class UpdateRule {
  DecayedAdamW,  // matrices
  PlainAdamW,    // norms and biases
  Muon,          // matrices of the layers, when the options say so
};

// Values that lie together and are updated in one way.
struct TrainedPiece {
  int64_t offset = 0;
  std::vector<int64_t> shape;
  UpdateRule rule = UpdateRule::DecayedAdamW;

  int64_t size() const;
};

struct OptimizerShard {
  int64_t begin = 0;  // in the flat buffer
  int64_t end = 0;
  std::vector<TrainedPiece> pieces;  // parts of cut ones have one dimension

  int64_t size() const { return end - begin; }
};

// Returns what a training updates, in the order of the flat buffer: the weights of `layout`, or the
// factors of `lora` when it is not null.
std::vector<TrainedPiece> trained_pieces(const ParameterLayout& layout, Optimizer optimizer,
                                         const LoraParameters* lora);

// Divides `size` values among `num_shards`: the shards cover them in order, without holes, and
// depend on the arguments alone. With few values, or few and large Muon matrices, shards may be
// empty. REQUIRES: pieces in order inside of [0, size), num_shards > 0.
std::vector<OptimizerShard> plan_shards(const std::vector<TrainedPiece>& pieces, int64_t size,
                                        int64_t num_shards);

}  // namespace caco::lm
