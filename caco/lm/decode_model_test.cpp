#include "caco/lm/decode_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "caco/lm/decode_kernels.h"
#include "caco/lm/reference_model.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

DecodeModel decode_model(const Checkpoint& checkpoint) {
  Result<DecodeModel> model = DecodeModel::create(checkpoint);
  EXPECT_TRUE(model.ok()) << to_string(model.error());
  return std::move(model).value();
}

std::vector<int32_t> random_tokens(int64_t count, int64_t vocab_size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < count; ++i) {
    tokens.push_back(static_cast<int32_t>(random() % static_cast<uint64_t>(vocab_size)));
  }
  return tokens;
}

// Runs `tokens` in chunks of the given size and returns the logits of every position.
std::vector<std::vector<float>> run(const DecodeModel& model, const std::vector<int32_t>& tokens,
                                    int64_t chunk, CachePrecision precision) {
  KeyValueCache cache(model, 2, model.config().max_position_embeddings, precision);
  DecodeStep step(model, cache, chunk);
  std::vector<std::vector<float>> all;
  for (int64_t begin = 0; begin < static_cast<int64_t>(tokens.size()); begin += chunk) {
    std::vector<DecodeRow> rows;
    for (int64_t i = begin; i < std::min(begin + chunk, static_cast<int64_t>(tokens.size())); ++i) {
      rows.push_back({tokens[static_cast<size_t>(i)], 1, i, true});
    }
    step.forward(rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      const std::span<float> logits = step.logits(static_cast<int64_t>(r));
      all.emplace_back(logits.begin(), logits.end());
    }
  }
  return all;
}

TEST(DecodeModel, AgreesWithTheReference) {
  ModelConfig untied = small_config();
  untied.tie_word_embeddings = false;
  ModelConfig wide = small_config();
  wide.num_key_value_heads = 4;
  wide.head_dim = 64;
  wide.hidden_size = 96;
  wide.intermediate_size = 160;
  for (const ModelConfig& config :
       {small_config(), untied, wide, small_config_of(ModelFamily::Llama),
        small_config_of(ModelFamily::Qwen2), small_config_of(ModelFamily::Qwen3)}) {
    const Checkpoint checkpoint = random_checkpoint(config, 11, 4.0);
    const std::vector<int32_t> tokens = random_tokens(40, config.vocab_size, 5);
    const auto expected = reference_logits(config, checkpoint.weights, tokens);
    for (CachePrecision precision : {CachePrecision::Float32, CachePrecision::Float16}) {
      const auto found = run(decode_model(checkpoint), tokens, 7, precision);
      // Logits are of the size of 5; halves are rounded to 2^-11 of themselves.
      const double tolerance = precision == CachePrecision::Float32 ? 1e-4 : 2e-2;
      ASSERT_EQ(found.size(), tokens.size());
      for (size_t t = 0; t < tokens.size(); ++t) {
        for (size_t id = 0; id < found[t].size(); ++id) {
          ASSERT_NEAR(found[t][id], expected[t][id], tolerance) << "position " << t << ", " << id;
        }
      }
    }
  }
}

TEST(DecodeModel, RowsDoNotDependOnTheBatch) {
  for (const ModelFamily family : {ModelFamily::Llama, ModelFamily::Qwen2, ModelFamily::Qwen3}) {
    ModelConfig config = small_config_of(family);
    config.max_position_embeddings = 400;
    const Checkpoint checkpoint = random_checkpoint(config, 12, 4.0);
    const DecodeModel model = decode_model(checkpoint);
    const std::vector<int32_t> tokens = random_tokens(300, config.vocab_size, 6);
    for (CachePrecision precision : {CachePrecision::Float32, CachePrecision::Float16}) {
      const auto one_by_one = run(model, tokens, 1, precision);
      for (int64_t chunk : {2, 3, 5, 8, 17, 200}) {
        EXPECT_EQ(run(model, tokens, chunk, precision), one_by_one) << chunk;  // every bit
      }
    }
  }
}

TEST(DecodeModel, CopiedPrefixIsTheSame) {
  ModelConfig config = small_config();
  config.max_position_embeddings = 256;
  const Checkpoint checkpoint = random_checkpoint(config, 13, 4.0);
  const DecodeModel model = decode_model(checkpoint);
  constexpr int64_t kShared = 141;
  const std::vector<int32_t> tokens = random_tokens(kShared + 1, config.vocab_size, 7);
  KeyValueCache cache(model, 3, 256, CachePrecision::Float16);
  DecodeStep step(model, cache, kShared);
  std::vector<DecodeRow> rows;
  for (int64_t i = 0; i < kShared; ++i)
    rows.push_back({tokens[static_cast<size_t>(i)], 0, i, false});
  step.forward(rows);
  cache.copy_prefix(0, 2, kShared);
  const DecodeRow last_rows[] = {{tokens.back(), 0, kShared, true},
                                 {tokens.back(), 2, kShared, true}};
  step.forward(last_rows);
  const std::span<float> first = step.logits(0);
  const std::span<float> second = step.logits(1);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin()));
}

TEST(DecodeModel, RefusesIncompleteCheckpoints) {
  Checkpoint missing = random_checkpoint(small_config(), 1, 1.0);
  missing.weights.erase("model.norm.weight");
  EXPECT_EQ(DecodeModel::create(missing).error().code, ErrorCode::InvalidArgument);
  Checkpoint reshaped = random_checkpoint(small_config(), 1, 1.0);
  reshaped.weights["model.norm.weight"].shape = {35};
  EXPECT_EQ(DecodeModel::create(reshaped).error().code, ErrorCode::InvalidArgument);
}

// Every table that this processor runs, against plain loops.
TEST(DecodeKernels, ElementwiseAgreeWithPlainLoops) {
  const DecodeKernelTables tables = runnable_decode_kernels();
  constexpr int64_t kSize = 44;
  constexpr int64_t kPadded = 48;
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 4);
  std::vector<float> x(kPadded), y(kPadded);
  for (size_t i = 0; i < kSize; ++i)
    x[i] = normal(random), y[i] = normal(random);
  for (int64_t t = 0; t < tables.count; ++t) {
    const DecodeKernels& kernels = *tables.tables[t];
    std::vector<float> out(kPadded), sums(kPadded / kLanes);
    kernels.swiglu(x.data(), y.data(), out.data(), kPadded);
    for (size_t i = 0; i < kSize; ++i) {
      const double gate = static_cast<double>(x[i]);
      const double expected = gate / (1 + std::exp(-gate)) * static_cast<double>(y[i]);
      EXPECT_NEAR(out[i], expected, 1e-5 * (1 + std::fabs(expected))) << kernels.name;
    }
    kernels.rms_norm(x.data(), y.data(), out.data(), kSize, kPadded, 1e-6f);
    double mean = 0;
    for (size_t i = 0; i < kSize; ++i)
      mean += static_cast<double>(x[i] * x[i]) / kSize;
    for (size_t i = 0; i < kSize; ++i) {
      EXPECT_NEAR(out[i], static_cast<double>(x[i] * y[i]) / std::sqrt(mean + 1e-6), 1e-4);
    }
    EXPECT_EQ(kernels.maximum(x.data(), kSize), *std::max_element(x.begin(), x.begin() + kSize));
    kernels.exponentials(x.data(), kSize, 1.0f, 0.5f, out.data(), sums.data());
    double total = 0;
    for (size_t i = 0; i < kSize; ++i) {
      const double expected = std::exp((static_cast<double>(x[i]) - 1.0) * 0.5);
      EXPECT_NEAR(out[i], expected, 1e-6 * expected) << kernels.name;
      total += expected;
    }
    EXPECT_NEAR(sums[0] + sums[1] + sums[2], total, 1e-5 * total) << kernels.name;
    const float extreme[kLanes] = {-1000, -88, -86, 0, 88, 100, -1e30f};
    kernels.exponentials(extreme, kLanes, 0.0f, 1.0f, out.data(), sums.data());
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[6], 0.0f);
    EXPECT_EQ(out[3], 1.0f);
    EXPECT_TRUE(std::isfinite(out[5]));
  }
}

// Stores and attends with every table and both precisions, against plain loops. Values that halves
// hold exactly make the stored numbers the same for all.
TEST(DecodeKernels, AttentionAgreesWithPlainLoops) {
  constexpr int64_t kHead = 48;
  constexpr int64_t kPositions = 2 * kChunkPositions + 37;
  std::mt19937 random(9);
  std::vector<float> keys(kPositions * kHead), values(kPositions * kHead), query(kHead);
  const auto draw = [&] {
    return static_cast<float>(static_cast<int>(random() % 257) - 128) / 64;
  };
  for (float& value : keys)
    value = draw();
  for (float& value : values)
    value = draw() * 0x1.0p-14f;  // subnormal halves among them
  for (float& value : query)
    value = draw();
  std::vector<double> expected(kHead);
  double sum = 0;
  for (size_t p = 0; p < kPositions; ++p) {
    double score = 0;
    for (size_t d = 0; d < kHead; ++d) {
      score += static_cast<double>(query[d]) * static_cast<double>(keys[p * kHead + d]);
    }
    const double weight = std::exp(score * 0.125);
    sum += weight;
    for (size_t d = 0; d < kHead; ++d) {
      expected[d] += weight * static_cast<double>(values[p * kHead + d]);
    }
  }
  const DecodeKernelTables tables = runnable_decode_kernels();
  for (int64_t t = 0; t < tables.count; ++t) {
    for (CachePrecision precision : {CachePrecision::Float32, CachePrecision::Float16}) {
      const int64_t size = precision == CachePrecision::Float16 ? 2 : 4;
      const int64_t chunk_bytes = kChunkPositions * kHead * size;
      std::vector<std::byte> key_memory(static_cast<size_t>(3 * chunk_bytes));
      std::vector<std::byte> value_memory(static_cast<size_t>(3 * chunk_bytes));
      for (int64_t p = 0; p < kPositions; ++p) {
        // In one piece, chunk follows chunk.
        const int64_t lane = p / kLanes * kLanes * kHead + p % kLanes;
        tables.tables[t]->store(keys.data() + p * kHead, values.data() + p * kHead, kHead,
                                precision, key_memory.data() + lane * size,
                                value_memory.data() + p * kHead * size);
      }
      std::vector<float> scores(kPositions + kLanes), outputs(kHead);
      tables.tables[t]->attend({.queries = query.data(),
                                .num_queries = 1,
                                .head_padded = kHead,
                                .keys = key_memory.data(),
                                .values = value_memory.data(),
                                .chunk_bytes = chunk_bytes,
                                .precision = precision,
                                .num_positions = kPositions,
                                .scale = 0.125f,
                                .scores = scores.data(),
                                .outputs = outputs.data()});
      for (size_t d = 0; d < kHead; ++d) {
        EXPECT_NEAR(outputs[d], expected[d] / sum, 1e-9) << tables.tables[t]->name;
      }
    }
  }
}

}  // namespace
}  // namespace caco::lm
