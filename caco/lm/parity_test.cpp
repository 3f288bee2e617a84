// Every family against transformers: golden/parity.json holds logits, losses and gradients of small
// models, made by golden/make_golden.py; the weights come from a formula that both sides know.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/decode_model.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// See uniform_values and weight_values of make_golden.py.
std::vector<double> uniform_values(std::string_view name, int64_t count) {
  uint64_t seed = 0xcbf29ce484222325u;
  for (const char c : name)
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::vector<double> values;
  for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
    values.push_back(static_cast<double>(mix(seed + i) >> 40) / 8388608.0 - 1.0);
  }
  return values;
}

Weight formula_weight(const WeightShape& expected) {
  int64_t size = 1;
  for (const int64_t dimension : expected.shape)
    size *= dimension;
  Weight weight{expected.shape, {}};
  for (const double value : uniform_values(expected.name, size)) {
    double scaled = value;
    if (expected.name.ends_with("norm.weight")) {
      scaled = 1.0 + 0.5 * value;
    } else if (expected.name.ends_with(".bias")) {
      scaled = 0.5 * value;
    } else if (expected.name != "model.embed_tokens.weight") {
      scaled = 2.0 * value / std::sqrt(static_cast<double>(expected.shape[1]));
    }
    weight.values.push_back(static_cast<float>(scaled));
  }
  return weight;
}

Weights formula_weights(const ModelConfig& config) {
  Weights weights;
  for (const WeightShape& expected : expected_weights(config))
    weights[expected.name] = formula_weight(expected);
  return weights;
}

const Json& golden() {
  static const Json json =
      parse_json(read_file(CACO_SOURCE_DIR "/caco/lm/golden/parity.json").value()).value();
  return json;
}

std::vector<int32_t> golden_tokens() {
  return golden()["tokens"].get<std::vector<int32_t>>();
}

ModelConfig config_of(const Json& golden_case) {
  const Result<ModelConfig> config = parse_model_config(dump_json(golden_case["config"]));
  EXPECT_TRUE(config.ok()) << config.error().message;
  return config.value();
}

double largest_difference(const Json& golden_case, const std::vector<std::vector<float>>& logits) {
  double worst = 0;
  for (const auto& [position, row] : golden_case["logits"].items()) {
    const std::vector<float>& found = logits[static_cast<size_t>(std::stoi(position))];
    for (size_t id = 0; id < row.size(); ++id) {
      worst = std::max(worst, std::fabs(static_cast<double>(found[id]) - row[id].get<double>()));
    }
  }
  return worst;
}

std::vector<std::vector<float>> decode_logits(const DecodeModel& model, int64_t rows_per_step) {
  const std::vector<int32_t> tokens = golden_tokens();
  KeyValueCache cache(model, 2, 64, CachePrecision::Float32);
  DecodeStep step(model, cache, rows_per_step);
  std::vector<std::vector<float>> all;
  std::vector<DecodeRow> rows;
  for (size_t i = 0; i < tokens.size(); ++i) {
    rows.push_back({tokens[i], 1, static_cast<int64_t>(i), true});
    if (static_cast<int64_t>(rows.size()) < rows_per_step && i + 1 < tokens.size()) continue;
    step.forward(rows);
    for (size_t r = 0; r < rows.size(); ++r) {
      const std::span<float> logits = step.logits(static_cast<int64_t>(r));
      all.emplace_back(logits.begin(), logits.end());
    }
    rows.clear();
  }
  return all;
}

TEST(Parity, WeightsHaveTheNamesAndShapesOfTheField) {
  for (const auto& [name, golden_case] : golden()["cases"].items()) {
    SCOPED_TRACE(name);
    std::map<std::string, std::vector<int64_t>> expected;
    for (const auto& [weight, facts] : golden_case["weights"].items()) {
      expected[weight] = facts["shape"].get<std::vector<int64_t>>();
    }
    std::map<std::string, std::vector<int64_t>> found;
    const ModelConfig config = config_of(golden_case);
    for (const WeightShape& weight : expected_weights(config))
      found[weight.name] = weight.shape;
    EXPECT_EQ(found, expected);
    EXPECT_EQ(ParameterLayout(config).size(), config.num_parameters());
  }
}

TEST(Parity, DecodingAgreesThroughACheckpoint) {
  for (const auto& [name, golden_case] : golden()["cases"].items()) {
    SCOPED_TRACE(name);
    const ModelConfig config = config_of(golden_case);
    const std::string directory = testing::TempDir() + "/parity_test_checkpoint";
    fs::remove_all(directory);
    ASSERT_TRUE(
        save_checkpoint(directory, config, formula_weights(config), {DType::F32, "", ""}).ok());
    const Result<Checkpoint> checkpoint = load_checkpoint(directory);
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.error().message;
    const DecodeModel model = DecodeModel::create(checkpoint.value()).value();
    const std::vector<std::vector<float>> logits = decode_logits(model, 7);
    EXPECT_LT(largest_difference(golden_case, logits), 1e-4);
    EXPECT_EQ(decode_logits(model, 1), logits);  // every bit
    EXPECT_EQ(decode_logits(model, 40), logits);
  }
}

TEST(Parity, TrainingAgreesForwardsAndBackwards) {
  for (const auto& [name, golden_case] : golden()["cases"].items()) {
    SCOPED_TRACE(name);
    const ModelConfig config = config_of(golden_case);
    const ParameterLayout layout(config);
    const std::vector<float> parameters = flatten_weights(layout, formula_weights(config));
    Transformer model(config, layout, Precision::Float32);
    PackedBatch batch;
    batch.add_document(golden_tokens(), 0);
    const std::vector<float> flat = model.forward_logits(parameters, batch);
    std::vector<std::vector<float>> logits;
    for (auto row = flat.begin(); row != flat.end(); row += config.vocab_size) {
      logits.emplace_back(row, row + config.vocab_size);
    }
    EXPECT_LT(largest_difference(golden_case, logits), 1e-4);
    std::vector<float> gradients(parameters.size());
    const double loss = golden_case["loss"].get<double>();
    EXPECT_NEAR(model.forward_backward(parameters, batch, gradients), loss, 1e-5 * loss);
    for (const ParameterLayout::Slot& slot : layout.slots()) {
      const Json& facts = golden_case["weights"][slot.weight.name];
      const std::vector<double> probe = uniform_values("probe " + slot.weight.name, slot.size);
      double dot = 0;
      double squares = 0;
      for (int64_t i = 0; i < slot.size; ++i) {
        const double value = gradients[static_cast<size_t>(slot.offset + i)];
        dot += value * probe[static_cast<size_t>(i)];
        squares += value * value;
      }
      const double norm = facts["gradient_norm"].get<double>();
      EXPECT_NEAR(std::sqrt(squares), norm, 1e-4 * norm) << slot.weight.name;
      EXPECT_NEAR(dot, facts["gradient_dot_probe"].get<double>(), 1e-4 * norm) << slot.weight.name;
    }
  }
}

// A configuration in any spelling is written in one, which says the same.
TEST(Parity, ConfigurationsComeBack) {
  for (const auto& [name, golden_case] : golden()["cases"].items()) {
    SCOPED_TRACE(name);
    const std::string text = model_config_to_json(config_of(golden_case));
    const ModelConfig again = parse_model_config(text).value();
    EXPECT_EQ(model_config_to_json(again), text);
    EXPECT_EQ(again.rope_scaling.type, config_of(golden_case).rope_scaling.type);
  }
}

// Leaves one checkpoint a case for `make_golden.py FOLDER...`, which loads them in transformers.
TEST(Parity, CheckpointsForTheOtherDirection) {
  const char* root = std::getenv("CACO_PARITY_OUT");
  if (root == nullptr) GTEST_SKIP() << "CACO_PARITY_OUT is not set";
  int index = 0;
  for (const auto& [name, golden_case] : golden()["cases"].items()) {
    const ModelConfig config = config_of(golden_case);
    const fs::path folder = fs::path(root) / ("case" + std::to_string(index));
    SaveOptions options{DType::F32, "", ""};
    if (index++ % 2 == 1) options.max_shard_bytes = 20000;
    ASSERT_TRUE(save_checkpoint(folder.string(), config, formula_weights(config), options).ok());
    ASSERT_TRUE(write_file_atomic(folder / "case.txt", name).ok());
  }
}

}  // namespace
}  // namespace caco::lm
