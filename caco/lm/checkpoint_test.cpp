#include "caco/lm/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/small_config.h"
#include "caco/lm/test_directory.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

ModelConfig checkpoint_config(bool is_tied) {
  ModelConfig config = small_config(8, 4, 6, 2, 1, 2);
  config.tie_word_embeddings = is_tied;
  config.eos_token_ids = {2};
  return config;
}

Weights numbered_weights(const ModelConfig& config) {
  Weights weights;
  float next = 0;
  for (const WeightShape& expected : expected_weights(config)) {
    Weight weight{expected.shape, {}};
    int64_t size = 1;
    for (const int64_t dimension : expected.shape)
      size *= dimension;
    for (int64_t i = 0; i < size; ++i)
      weight.values.push_back(next += 0.25f);
    weights[expected.name] = weight;
  }
  return weights;
}

TEST(Checkpoint, SavedModelComesBack) {
  for (const bool is_tied : {true, false}) {
    const std::string directory =
        fresh_directory(is_tied ? "checkpoint_tied" : "checkpoint_untied");
    const ModelConfig config = checkpoint_config(is_tied);
    const Weights weights = numbered_weights(config);
    const std::string tokenizer = fresh_directory("checkpoint_tokenizer");
    ASSERT_TRUE(write_file_atomic(fs::path(tokenizer) / "tokenizer.json", "{}").ok());
    ASSERT_TRUE(save_checkpoint(directory, config, weights, {DType::F32, tokenizer, ""}).ok());
    for (const char* file : {"config.json", "generation_config.json", "README.md", "tokenizer.json",
                             "model.safetensors"}) {
      EXPECT_TRUE(fs::exists(fs::path(directory) / file)) << file;
    }
    const Checkpoint loaded = load_checkpoint(directory).value();
    EXPECT_EQ(loaded.config.tie_word_embeddings, is_tied);
    EXPECT_EQ(loaded.weights.size(), weights.size());
    for (const auto& [name, weight] : weights) {
      EXPECT_EQ(loaded.weights.at(name).values, weight.values) << name;
    }
  }
}

using Names = std::set<std::string>;

// Returns a new folder with these files, each with `text` in it.
fs::path folder_of(const std::string& name, const Names& files, const std::string& text) {
  const fs::path folder = fresh_directory(name);
  for (const std::string& file : files)
    EXPECT_TRUE(write_file_atomic(folder / file, text).ok());
  return folder;
}

Names names_in(const fs::path& folder) {
  Names names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

// A file that an earlier tokenizer left behind would change what the new one means.
TEST(Checkpoint, CopiedTokenizerIsAloneInItsFolder) {
  const struct {
    Names from;
    Names to;
    Names after;
  } rows[] = {
      {{"tokenizer.json", "tokenizer_config.json"},
       {"tokenizer.json", "chat_template.jinja", "vocab.json", "merges.txt", "notes.jinja"},
       {"tokenizer.json", "tokenizer_config.json", "notes.jinja"}},
      {{"vocab.json", "merges.txt"},
       {"tokenizer.json", "special_tokens_map.json", "added_tokens.json", "config.json"},
       {"vocab.json", "merges.txt", "config.json"}},
      {{"tokenizer.json", "chat_template.jinja"},
       {"chat_template.jinja"},
       {"tokenizer.json", "chat_template.jinja"}},
      // No tokenizer.
      {{"config.json"}, {"chat_template.jinja"}, {"chat_template.jinja"}},
      {{"chat_template.jinja", "tokenizer_config.json"}, {"tokenizer.json"}, {"tokenizer.json"}},
      {{"vocab.json"},
       {"tokenizer.json", "added_tokens.json"},
       {"tokenizer.json", "added_tokens.json"}},
  };
  for (const auto& row : rows) {
    const fs::path from = folder_of("tokenizer_from", row.from, "new");
    const fs::path to = folder_of("tokenizer_to", row.to, "old");
    ASSERT_TRUE(copy_tokenizer(from.string(), to.string()).ok());
    EXPECT_EQ(names_in(from), row.from);
    EXPECT_EQ(names_in(to), row.after);
    const bool is_copied = row.after != row.to;
    for (const std::string& name : row.after) {
      EXPECT_EQ(read_file(to / name).value(), is_copied && row.from.contains(name) ? "new" : "old")
          << name;
    }
  }
}

TEST(Checkpoint, ATokenizerStaysWhereItIs) {
  const Names names = {"tokenizer.json", "chat_template.jinja"};
  const fs::path folder = folder_of("tokenizer_from", names, "old");
  fs::create_symlink("nowhere", folder / "vocab.json");
  const fs::path link = fs::path(fresh_directory("tokenizer_links")) / "link";
  fs::create_directory_symlink(folder, link);
  for (const fs::path& same :
       {folder, folder / ".", folder / "../caco_lm_test_tokenizer_from/", link}) {
    ASSERT_TRUE(copy_tokenizer(same.string(), folder.string()).ok()) << same;
    ASSERT_TRUE(copy_tokenizer(folder.string(), same.string()).ok()) << same;
    EXPECT_EQ(names_in(folder), (Names{"tokenizer.json", "chat_template.jinja", "vocab.json"}));
  }
  // A folder inside is another one.
  fs::create_directory(folder / "inside");
  ASSERT_TRUE(write_file_atomic(folder / "inside" / "merges.txt", "old").ok());
  ASSERT_TRUE(copy_tokenizer(folder.string(), (folder / "inside").string()).ok());
  EXPECT_EQ(names_in(folder / "inside"), names);
  EXPECT_EQ(names_in(folder),
            (Names{"tokenizer.json", "chat_template.jinja", "vocab.json", "inside"}));
}

// What cannot be copied whole removes nothing.
TEST(Checkpoint, AFailedCopyOfATokenizerRemovesNothing) {
  const fs::path from =
      folder_of("tokenizer_from", {"tokenizer.json", "tokenizer_config.json"}, "new");
  const Names before = {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"};
  const fs::path to = folder_of("tokenizer_to", before, "old");
  for (const int64_t failing : {1, 2}) {
    set_write_fault(WriteFault::DiskFull, failing);
    const Result<void> copied = copy_tokenizer(from.string(), to.string());
    set_write_fault(WriteFault::None, 0);
    ASSERT_FALSE(copied.ok());
    EXPECT_EQ(copied.error().code, ErrorCode::ResourceExhausted);
    EXPECT_EQ(names_in(to), before);
  }
  fs::create_directory(from / "vocab.json");  // there, and no file
  EXPECT_FALSE(copy_tokenizer(from.string(), to.string()).ok());
  EXPECT_EQ(names_in(to), before);
}

TEST(Checkpoint, OutputMatrixAndTyingAreReconciled) {
  // A tied configuration whose file nevertheless holds the matrix: the copy is ignored.
  const std::string directory = fresh_directory("checkpoint_reconciled");
  const Weights weights = numbered_weights(checkpoint_config(false));
  ASSERT_TRUE(save_checkpoint(directory, checkpoint_config(false), weights, {}).ok());
  ASSERT_TRUE(write_file_atomic(fs::path(directory) / "config.json",
                                model_config_to_json(checkpoint_config(true)))
                  .ok());
  EXPECT_FALSE(load_checkpoint(directory).value().weights.contains("lm_head.weight"));
  // An untied configuration whose file lacks it: the model becomes tied.
  ASSERT_TRUE(save_checkpoint(directory, checkpoint_config(true), weights, {}).ok());
  ASSERT_TRUE(write_file_atomic(fs::path(directory) / "config.json",
                                model_config_to_json(checkpoint_config(false)))
                  .ok());
  EXPECT_TRUE(load_checkpoint(directory).value().config.tie_word_embeddings);
}

TEST(Checkpoint, ShardsAreFollowed) {
  const std::string directory = fresh_directory("checkpoint_shards");
  const ModelConfig config = checkpoint_config(true);
  const Weights weights = numbered_weights(config);
  ASSERT_TRUE(save_checkpoint(directory, config, weights, {DType::F32, "", ""}).ok());
  fs::remove(fs::path(directory) / "model.safetensors");
  std::vector<TensorView> shards[2];
  std::string map;
  for (const auto& [name, weight] : weights) {
    const size_t shard = shards[0].size() > 5 ? 1 : 0;
    shards[shard].push_back({name, weight.shape, weight.values});
    map += (map.empty() ? "\"" : ",\"") + name + "\":\"part" + std::to_string(shard) + ".st\"";
  }
  for (size_t i = 0; i < 2; ++i) {
    const std::string path = directory + "/part" + std::to_string(i) + ".st";
    ASSERT_TRUE(write_safetensors(path, shards[i], DType::F32).ok());
  }
  const fs::path index = fs::path(directory) / "model.safetensors.index.json";
  ASSERT_TRUE(write_file_atomic(index, "{\"weight_map\":{" + map + "}}").ok());
  EXPECT_EQ(load_checkpoint(directory).value().weights.size(), weights.size());
  ASSERT_TRUE(write_file_atomic(index, R"({"weight_map":{"a":"../../etc/x"}})").ok());
  EXPECT_NE(load_checkpoint(directory).error().message.find("bad shard name"), std::string::npos);
}

TEST(Checkpoint, LargeModelsAreWrittenInShards) {
  const std::string directory = fresh_directory("checkpoint_written_shards");
  const ModelConfig config = checkpoint_config(false);
  const Weights weights = numbered_weights(config);
  // What an earlier, larger and an earlier, smaller model left behind.
  for (const char* stale : {"model-00009-of-00009.safetensors", "model.safetensors"}) {
    ASSERT_TRUE(write_file_atomic(fs::path(directory) / stale, "stale").ok());
  }
  SaveOptions options{DType::F32, "", ""};
  options.max_shard_bytes = 300;
  ASSERT_TRUE(save_checkpoint(directory, config, weights, options).ok());
  int64_t num_shards = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".safetensors") ++num_shards;
  }
  EXPECT_GT(num_shards, 3);
  EXPECT_FALSE(fs::exists(fs::path(directory) / "model.safetensors"));
  const Json index =
      parse_json(read_file(fs::path(directory) / "model.safetensors.index.json").value()).value();
  EXPECT_EQ(index["metadata"]["total_size"], 4 * config.num_parameters());
  EXPECT_EQ(index["weight_map"].size(), weights.size());
  const Checkpoint loaded = load_checkpoint(directory).value();
  for (const auto& [name, weight] : weights)
    EXPECT_EQ(loaded.weights.at(name).values, weight.values) << name;
  // A single file again: the shards and their index go.
  ASSERT_TRUE(save_checkpoint(directory, config, weights, {DType::F32, "", ""}).ok());
  EXPECT_FALSE(fs::exists(fs::path(directory) / "model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(fs::path(directory) / "model-00001-of-00009.safetensors"));
  EXPECT_TRUE(load_checkpoint(directory).ok());
}

TEST(Checkpoint, IndexesThatLieAreRefused) {
  const std::string directory = fresh_directory("checkpoint_lying");
  const ModelConfig config = checkpoint_config(true);
  SaveOptions options{DType::F32, "", ""};
  options.max_shard_bytes = 300;
  ASSERT_TRUE(save_checkpoint(directory, config, numbered_weights(config), options).ok());
  const fs::path path = fs::path(directory) / "model.safetensors.index.json";
  const std::string good = read_file(path).value();
  const std::string norm = "model.norm.weight";
  const Json json = parse_json(good).value();
  const std::string last = json["weight_map"][norm].get<std::string>();
  Json moved = json;
  moved["weight_map"][norm] = "model-00001-of-" + last.substr(15);
  Json unknown = json;
  unknown["weight_map"].erase(norm);
  Json invented = json;
  invented["weight_map"]["model.layers.9.mlp.up_proj.weight"] = last;
  const struct {
    std::string text;
    const char* problem;
  } rows[] = {{dump_json(moved), "weight model.norm.weight is not in its shard"},
              {dump_json(unknown), "the index does not know weight model.norm.weight"},
              {dump_json(invented), "weight model.layers.9.mlp.up_proj.weight is not in its shard"},
              {R"({"weight_map":{"a":"x","a":"x"}})", "a name occurs twice"},
              {R"({"weight_map":{"a":"absent.safetensors"}})", "absent.safetensors"},
              {R"({"weight_map":{"a":1}})", "bad shard name of weight a"},
              {R"({"weight_map":[]})", "no weight_map"},
              {"[]", "no weight_map"}};
  for (const auto& row : rows) {
    ASSERT_TRUE(write_file_atomic(path, row.text).ok());
    const Result<Checkpoint> checkpoint = load_checkpoint(directory);
    ASSERT_FALSE(checkpoint.ok()) << row.problem;
    EXPECT_NE(checkpoint.error().message.find(row.problem), std::string::npos)
        << checkpoint.error().message;
  }
}

TEST(Checkpoint, GenerationConfigIsReadAndWritten) {
  const std::string directory = fresh_directory("checkpoint_generation");
  const ModelConfig config = checkpoint_config(true);
  SaveOptions options;
  options.generation = generation_config_of(config);
  options.generation->eos_token_ids = {5, 2};
  options.generation->temperature = 0.5;
  options.generation->top_k = 40;
  ASSERT_TRUE(save_checkpoint(directory, config, numbered_weights(config), options).ok());
  const Checkpoint loaded = load_checkpoint(directory).value();
  EXPECT_EQ(loaded.config.eos_token_ids, (std::vector<int64_t>{5, 2}));
  ASSERT_TRUE(loaded.generation.has_value());
  EXPECT_EQ(loaded.generation->temperature, 0.5);
  EXPECT_EQ(loaded.generation->top_k, 40);
  EXPECT_FALSE(loaded.generation->top_p.has_value());
  const std::string text = generation_config_to_json(*loaded.generation);
  EXPECT_EQ(generation_config_to_json(parse_generation_config(text).value()), text);
  const fs::path path = fs::path(directory) / "generation_config.json";
  for (const char* bad : {"[]", "{", R"({"eos_token_id":"x"})", R"({"eos_token_id":8})",
                          R"({"temperature":"hot"})", R"({"top_k":1,"top_k":2})"}) {
    ASSERT_TRUE(write_file_atomic(path, bad).ok());
    EXPECT_FALSE(load_checkpoint(directory).ok()) << bad;
  }
  fs::remove(path);
  EXPECT_EQ(load_checkpoint(directory).value().config.eos_token_ids, (std::vector<int64_t>{2}));
}

TEST(Checkpoint, RefusesWhatDoesNotFit) {
  const std::string directory = fresh_directory("checkpoint_bad");
  EXPECT_EQ(load_checkpoint(directory).error().code, ErrorCode::NotFound);
  const ModelConfig config = checkpoint_config(true);
  ASSERT_TRUE(save_checkpoint(directory, config, numbered_weights(config), {}).ok());
  ModelConfig wider = config;
  wider.intermediate_size = 7;
  ASSERT_TRUE(
      write_file_atomic(fs::path(directory) / "config.json", model_config_to_json(wider)).ok());
  EXPECT_NE(load_checkpoint(directory).error().message.find("should be [7, 4], it is [6, 4]"),
            std::string::npos);
  ModelConfig deeper = config;
  deeper.num_hidden_layers = 3;
  ASSERT_TRUE(
      write_file_atomic(fs::path(directory) / "config.json", model_config_to_json(deeper)).ok());
  EXPECT_NE(load_checkpoint(directory).error().message.find("has no weight model.layers.2."),
            std::string::npos);
  // A weight that no model of this configuration has, such as a bias of another family.
  ModelConfig biased = config;
  biased.attention_bias = true;
  ASSERT_TRUE(save_checkpoint(directory, biased, numbered_weights(biased), {}).ok());
  ASSERT_TRUE(
      write_file_atomic(fs::path(directory) / "config.json", model_config_to_json(config)).ok());
  EXPECT_NE(load_checkpoint(directory).error().message.find(
                "has no weight model.layers.0.self_attn.k_proj.bias"),
            std::string::npos);
  Weights missing = numbered_weights(config);
  missing.erase("model.norm.weight");
  EXPECT_FALSE(save_checkpoint(directory, config, missing, {}).ok());
}

}  // namespace
}  // namespace caco::lm
