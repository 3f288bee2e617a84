// A merged checkpoint as a whole: which tokenizer, chat template and end ids it has.
#include "caco/lm/adapter_merge.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

constexpr const char* kTokenizer =
    R"({"added_tokens":[{"id":3,"content":"<|im_end|>"},{"id":7,"content":"<|end|>"}]})";
constexpr const char* kEndsAtImEnd =
    R"({"eos_token":"<|im_end|>","chat_template":"of the adapter"})";

void write_files(const std::string& directory, const Files& files) {
  for (const auto& [name, text] : files)
    ASSERT_TRUE(write_file_atomic(fs::path(directory) / name, text).ok());
}

// The folder's text of that name; empty when it has none.
std::string text_of(const std::string& directory, const std::string& name) {
  const fs::path path = fs::path(directory) / name;
  return fs::exists(path) ? read_file(path).value() : "";
}

// A base that ends at 7 or 9, with a tokenizer, a chat template and recommendations.
std::string base_directory() {
  Checkpoint base;
  base.config = trainer_config();
  base.config.eos_token_ids = {7, 9};
  const ParameterLayout layout(base.config);
  base.weights = unflatten_weights(layout, initialize_parameters(base.config, 1));
  SaveOptions options;
  options.generation = generation_config_of(base.config);
  options.generation->temperature = 0.6;
  const std::string directory = fresh_directory("merge_base");
  EXPECT_TRUE(save_checkpoint(directory, base.config, base.weights, options).ok());
  write_files(directory, {{"tokenizer.json", R"({"added_tokens":[{"id":7,"content":"<|end|>"}]})"},
                          {"tokenizer_config.json", R"({"eos_token":"<|end|>"})"},
                          {"chat_template.jinja", "of the base"}});
  return directory;
}

std::string adapter_directory(const Files& files) {
  LoraAdapter adapter;
  adapter.config.r = 1;
  adapter.config.target_modules = {"q_proj"};
  adapter.pairs["model.layers.0.self_attn.q_proj.weight"] = {
      1, 32, 32, std::vector<float>(32, 0.5f), std::vector<float>(32, 0.25f)};
  const std::string directory = fresh_directory("merge_adapter");
  EXPECT_TRUE(write_lora_adapter(directory, adapter).ok());
  write_files(directory, files);
  return directory;
}

TEST(AdapterMerge, AnAdaptersOwnTokenizerIsTakenWhole) {
  const std::string base = base_directory();
  const struct {
    const char* name;
    Files files;
    bool is_own;
    std::vector<int64_t> end_ids;
  } rows[] = {
      {"none", {}, false, {7, 9}},
      {"whole",
       {{"tokenizer.json", kTokenizer}, {"tokenizer_config.json", kEndsAtImEnd}},
       true,
       {3, 7, 9}},
      {"an end of the base's",
       {{"tokenizer.json", kTokenizer}, {"tokenizer_config.json", R"({"eos_token":"<|end|>"})"}},
       true,
       {7, 9}},
      {"no end",
       {{"tokenizer.json", kTokenizer}, {"tokenizer_config.json", R"({"eos_token":null})"}},
       true,
       {7, 9}},
      {"the older files",
       {{"vocab.json", "{}"},
        {"merges.txt", ""},
        {"tokenizer_config.json",
         R"({"eos_token":{"content":"<|im_end|>"},"added_tokens_decoder":{"3":{"content":"<|im_end|>"}}})"}},
       true,
       {3, 7, 9}},
      {"half of the older files",
       {{"vocab.json", "{}"}, {"tokenizer_config.json", kEndsAtImEnd}},
       false,
       {7, 9}},
      {"no vocabulary", {{"tokenizer_config.json", kEndsAtImEnd}}, false, {7, 9}},
      {"no configuration", {{"tokenizer.json", kTokenizer}}, false, {7, 9}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    MergeOptions options;
    options.model = base;
    options.adapter = adapter_directory(row.files);
    options.output = fresh_directory("merge_output");
    const Result<MergeResult> result = merge_checkpoint(options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    const std::string& source = row.is_own ? options.adapter : base;
    EXPECT_EQ(result.value().tokenizer, source);
    for (const char* file : {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
                             "vocab.json", "merges.txt"}) {
      EXPECT_EQ(text_of(options.output, file), text_of(source, file)) << file;
    }
    const Checkpoint merged = load_checkpoint(options.output).value();
    EXPECT_EQ(merged.config.eos_token_ids, row.end_ids);
    EXPECT_EQ(merged.generation->eos_token_ids, row.end_ids);
    EXPECT_EQ(merged.generation->temperature, 0.6);
  }
}

TEST(AdapterMerge, TokenizersThatCannotBeAreRefused) {
  const struct {
    Files files;
    const char* problem;
  } rows[] = {
      {{{"tokenizer.json", kTokenizer}, {"tokenizer_config.json", "[]"}}, "not an object"},
      {{{"tokenizer.json", "{"}, {"tokenizer_config.json", kEndsAtImEnd}}, "JSON"},
      {{{"tokenizer.json", R"({"added_tokens":[{"id":32,"content":"<|im_end|>"}]})"},
        {"tokenizer_config.json", kEndsAtImEnd}},
       "no id of the model: 32"},
  };
  const std::string base = base_directory();
  for (const auto& row : rows) {
    MergeOptions options;
    options.model = base;
    options.adapter = adapter_directory(row.files);
    options.output = fresh_directory("merge_output");
    const Result<MergeResult> result = merge_checkpoint(options);
    ASSERT_FALSE(result.ok()) << row.problem;
    EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(result.error().message.find(row.problem), std::string::npos)
        << result.error().message;
    EXPECT_NE(to_string(result.error()).find(options.adapter), std::string::npos);
    EXPECT_TRUE(fs::is_empty(options.output));
  }
}

// Merging later gives the folder that `train --lora-merge` leaves.
TEST(AdapterMerge, IsWhatTrainingMerges) {
  const std::string base = base_directory();
  TrainerOptions options = adapter_options("merge");
  options.merges_lora = true;
  options.batches.epochs = 1;
  options.tokenizer_directory = fresh_directory("merge_tokenizer");
  write_files(options.tokenizer_directory, {{"tokenizer.json", kTokenizer}});
  options.chat_template = "of the training";
  const Checkpoint start = load_checkpoint(base).value();
  options.generation = start.generation;
  ModelConfig config = start.config;
  config.eos_token_ids = {3};
  const ParameterLayout layout(config);
  ASSERT_TRUE(
      train_model(config, flatten_weights(layout, start.weights), counting_set(), options).ok());
  MergeOptions merge;
  merge.model = base;
  merge.adapter = options.output_directory + "/adapter";
  merge.output = fresh_directory("merge_output");
  ASSERT_TRUE(merge_checkpoint(merge).ok());
  for (const char* file : {"tokenizer.json", "tokenizer_config.json", "generation_config.json"}) {
    EXPECT_EQ(text_of(merge.output, file), text_of(options.output_directory, file)) << file;
  }
  EXPECT_EQ(text_of(merge.output, "tokenizer_config.json").find("of the base"), std::string::npos);
}

}  // namespace
}  // namespace caco::lm
