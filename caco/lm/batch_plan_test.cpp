// The order of training: every document once an epoch, steps and passes of the right size, and
// packing that changes nothing but the order.
#include "caco/lm/batch_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "caco/lm/small_config.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

TrainingSet set_of_lengths(const std::vector<int64_t>& lengths) {
  TrainingSet set;
  for (const int64_t length : lengths) {
    set.add(std::vector<int32_t>(static_cast<size_t>(length), 7), 1, {});
  }
  return set;
}

TEST(BatchPlan, PlansCoverEveryEpochOnce) {
  const TrainingSet set = set_of_lengths({5, 9, 30, 2, 7, 7, 12, 3});
  const BatchPlan plan = plan_batches(set, {3, 20, 2, 0, 0});
  ASSERT_EQ(plan.documents.size(), 16u);
  const auto middle = plan.documents.begin() + 8;
  EXPECT_EQ(std::set<int64_t>(plan.documents.begin(), middle).size(), 8u);
  EXPECT_EQ(std::set<int64_t>(middle, plan.documents.end()).size(), 8u);
  EXPECT_FALSE(std::equal(plan.documents.begin(), middle, middle));
  for (int64_t step = 0; step < plan.num_steps(); ++step) {
    int64_t tokens = 0;
    for (const int64_t document : plan.step(step))
      tokens += set.length(document);
    EXPECT_TRUE(tokens <= 20 || plan.step(step).size() == 1) << step;
    EXPECT_GT(tokens, 0);
  }
  EXPECT_EQ(plan_batches(set, {3, 20, 2, 0, 0}).documents, plan.documents);
  EXPECT_NE(plan_batches(set, {4, 20, 2, 0, 0}).documents, plan.documents);
  const BatchPlan limited = plan_batches(set, {3, 20, 1, 500, 0});
  EXPECT_GE(limited.num_tokens, 500);
  EXPECT_LT(limited.num_tokens, 530);
}

TEST(BatchPlan, StepsAreDividedEvenly) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 50; ++i)
    lengths.push_back(20 + i * 37 % 200);
  const TrainingSet set = set_of_lengths(lengths);
  std::vector<int64_t> documents(50);
  for (size_t i = 0; i < documents.size(); ++i)
    documents[i] = static_cast<int64_t>(i);
  const auto packs = divide_step(set, documents, 3, 600);
  std::set<int64_t> seen;
  std::vector<int64_t> totals;
  for (const auto& worker : packs) {
    totals.push_back(0);
    for (const auto& pack : worker) {
      int64_t tokens = 0;
      for (const int64_t document : pack) {
        EXPECT_TRUE(seen.insert(document).second);
        tokens += set.length(document);
      }
      EXPECT_LE(tokens, 600 + 220);
      EXPECT_FALSE(pack.empty());
      totals.back() += tokens;
    }
  }
  EXPECT_EQ(seen.size(), 50u);
  const auto [least, most] = std::minmax_element(totals.begin(), totals.end());
  EXPECT_LT(*most - *least, 60);
  // More workers than documents: some have nothing to do.
  const std::vector<int64_t> one = {4};
  EXPECT_EQ(divide_step(set, one, 2, 600)[1].size(), 0u);
}

TEST(BatchPlan, BestFitFillsRows) {
  const struct {
    std::vector<int64_t> lengths;
    int64_t capacity;
    std::vector<std::vector<int64_t>> rows;
  } rows[] = {{{}, 8, {}},
              {{3}, 8, {{0}}},
              {{8, 8}, 8, {{0}, {1}}},
              {{9, 1}, 8, {{0}, {1}}},  // longer than a row: one of its own
              // The 3 goes where only 3 is left, not where 5 is.
              {{5, 3, 3, 5, 6, 2}, 8, {{4, 5}, {0, 1}, {3, 2}}},
              {{1, 2, 3, 4}, 5, {{3, 0}, {2, 1}}}};
  for (const auto& row : rows)
    EXPECT_EQ(pack_best_fit(row.lengths, row.capacity), row.rows);
}

TEST(BatchPlan, BestFitWastesLittle) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 2000; ++i)
    lengths.push_back(10 + i * 7919 % 500);
  const auto rows = pack_best_fit(lengths, 1024);
  std::set<int64_t> seen;
  for (const auto& row : rows) {
    int64_t tokens = 0;
    for (const int64_t index : row) {
      EXPECT_TRUE(seen.insert(index).second);
      tokens += lengths[static_cast<size_t>(index)];
    }
    EXPECT_LE(tokens, 1024);
  }
  EXPECT_EQ(seen.size(), lengths.size());
  const int64_t total = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  EXPECT_GT(static_cast<double>(total), 0.99 * 1024 * static_cast<double>(rows.size()));
}

TEST(BatchPlan, PackedEpochsHaveEveryDocumentOnce) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 60; ++i)
    lengths.push_back(3 + i * 31 % 50);
  const TrainingSet set = set_of_lengths(lengths);
  BatchPlanOptions options = {5, 128, 2, 0, 64};
  const BatchPlan plan = plan_batches(set, options);
  ASSERT_EQ(plan.documents.size(), 120u);
  const auto middle = plan.documents.begin() + 60;
  EXPECT_EQ(std::set<int64_t>(plan.documents.begin(), middle).size(), 60u);
  EXPECT_EQ(std::set<int64_t>(middle, plan.documents.end()).size(), 60u);
  EXPECT_FALSE(std::equal(plan.documents.begin(), middle, middle));
  EXPECT_EQ(plan_batches(set, options).documents, plan.documents);
  for (int64_t step = 0; step < plan.num_steps(); ++step) {
    int64_t tokens = 0;
    for (const int64_t document : plan.step(step))
      tokens += set.length(document);
    EXPECT_LE(tokens, 128) << step;
  }
  options.packing_length = 0;
  EXPECT_LE(plan.num_steps(), plan_batches(set, options).num_steps());
}

double largest(const std::vector<float>& values) {
  double most = 0;
  for (const float value : values)
    most = std::max(most, std::fabs(static_cast<double>(value)));
  return most;
}

double difference(std::span<const float> a, std::span<const float> b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

// Documents of a row attend to themselves alone and count their positions from zero: logits, loss
// and gradients are those of the documents one by one.
TEST(BatchPlan, PackedRowsEqualTheirDocuments) {
  const ModelConfig config = tiny_config(41);
  const ParameterLayout layout(config);
  const std::vector<float> parameters = initialize_parameters(config, 3);
  const size_t vocab = static_cast<size_t>(config.vocab_size);
  TrainingSet set;
  std::vector<int64_t> lengths;
  for (const int64_t length : {5, 90, 33, 64, 2, 65, 17, 40}) {
    std::vector<int32_t> tokens;
    for (int64_t i = 0; i < length; ++i)
      tokens.push_back(static_cast<int32_t>((i * i + 3 * length + i) % 41));
    set.add(tokens, length / 3 + 1, {});
    lengths.push_back(length);
  }
  ASSERT_EQ(set.num_documents(), 8);
  Transformer model(config, layout, Precision::Float32);
  const size_t num_parameters = static_cast<size_t>(layout.size());
  std::vector<float> packed_gradients(num_parameters, 0.0f);
  std::vector<float> gradients(num_parameters, 0.0f);
  double packed_loss = 0;
  double loss = 0;
  for (const std::vector<int64_t>& row : pack_best_fit(lengths, 160)) {
    PackedBatch packed;
    for (const int64_t index : row)
      set.append_to(index, packed);
    packed_loss += model.forward_backward(parameters, packed, packed_gradients);
    const std::vector<float> packed_logits = model.forward_logits(parameters, packed);
    size_t at = 0;
    for (const int64_t index : row) {
      PackedBatch alone;
      set.append_to(index, alone);
      loss += model.forward_backward(parameters, alone, gradients);
      const std::vector<float> logits = model.forward_logits(parameters, alone);
      const std::span<const float> part(packed_logits.data() + at * vocab, logits.size());
      EXPECT_LT(difference(logits, part), 1e-5) << index;
      at += alone.tokens.size();
    }
  }
  EXPECT_NEAR(packed_loss, loss, 1e-5 * loss);
  EXPECT_LT(difference(gradients, packed_gradients), 1e-5 * largest(gradients));
}

// The loss of a step is a sum over all of its targets, divided once.
TEST(BatchPlan, OnePassOfEightEqualsEightOfOne) {
  const ModelConfig config = tiny_config(41);
  const ParameterLayout layout(config);
  const std::vector<float> parameters = initialize_parameters(config, 4);
  TrainingSet set;
  for (int64_t i = 0; i < 8; ++i) {  // very unequal numbers of targets
    std::vector<int32_t> tokens(static_cast<size_t>(6 + 9 * i), 1);
    std::iota(tokens.begin(), tokens.end() - 3, static_cast<int32_t>(i) % 5);
    for (int32_t& token : tokens)
      token %= 41;
    set.add(tokens, i % 2 == 0 ? 1 : static_cast<int64_t>(tokens.size()) - 1, {});
  }
  std::vector<int64_t> documents(8);
  std::iota(documents.begin(), documents.end(), 0);
  std::vector<std::vector<float>> results;
  std::vector<double> losses;
  for (const int64_t pass_tokens : {int64_t{1} << 20, int64_t{1}}) {
    Transformer model(config, layout, Precision::Float32);
    std::vector<float> gradients(static_cast<size_t>(layout.size()), 0.0f);
    double loss = 0;
    const auto passes = divide_step(set, documents, 1, pass_tokens);
    EXPECT_EQ(passes[0].size(), pass_tokens == 1 ? 8u : 1u);
    for (const std::vector<int64_t>& pass : passes[0]) {
      PackedBatch batch;
      for (const int64_t index : pass)
        set.append_to(index, batch);
      loss += model.forward_backward(parameters, batch, gradients);
    }
    losses.push_back(loss);
    results.push_back(std::move(gradients));
  }
  EXPECT_NEAR(losses[0], losses[1], 1e-5 * losses[0]);
  EXPECT_LT(difference(results[0], results[1]), 1e-5 * largest(results[0]));
}

}  // namespace
}  // namespace caco::lm
