// What a training leaves behind: a model or an adapter that others can load.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/trainer_fixture.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

TEST(Trainer, AdapterLearnsAndIsMerged) {
  TrainerOptions options = adapter_options("lora");
  options.batches.epochs = 150;
  options.merges_lora = true;
  // The embedding is frozen and is the output too, so it must be large enough for sure answers.
  ModelConfig config = trainer_config();
  config.initializer_range = 0.3;
  const std::vector<float> base = initialize_parameters(config, 1);
  const TrainingResult result = train_model(config, base, counting_set(), options).value();
  EXPECT_LT(result.final_loss, 0.3);
  const fs::path output(options.output_directory);
  const LoraAdapter adapter = read_lora_adapter((output / "adapter").string()).value();
  EXPECT_EQ(adapter.config.r, 8);
  EXPECT_EQ(adapter.config.base_model_name_or_path, "base");
  EXPECT_EQ(adapter.pairs.size(), 14u);
  EXPECT_EQ(state_of(options).parameters.size(), state_of(options).moment1.size());
  // The merged model is the base with the adapter added, up to its bfloat16.
  const ParameterLayout layout(config);
  Weights expected = unflatten_weights(layout, base);
  ASSERT_TRUE(merge_adapter(expected, adapter).ok());
  const Checkpoint merged = load_checkpoint(options.output_directory).value();
  double worst = 0;
  for (const auto& [name, weight] : expected) {
    for (size_t i = 0; i < weight.values.size(); ++i) {
      const double value = static_cast<double>(weight.values[i]);
      const double found = static_cast<double>(merged.weights.at(name).values[i]);
      worst = std::max(worst, std::fabs(found - value) / (std::fabs(value) + 1e-3));
    }
  }
  EXPECT_LT(worst, 0.005);
}

TEST(Trainer, AdapterAloneIsAFolderOfPeft) {
  const TrainerOptions options = adapter_options("peft");
  ASSERT_TRUE(train(options).ok());
  const fs::path output(options.output_directory);
  EXPECT_TRUE(fs::exists(output / "adapter_config.json"));
  EXPECT_TRUE(fs::exists(output / "adapter_model.safetensors"));
  EXPECT_FALSE(fs::exists(output / "model.safetensors"));
  const std::string card = read_file(output / "README.md").value();
  EXPECT_NE(card.find("library_name: peft"), std::string::npos);
  TrainerOptions bad = options;
  bad.lora.target_modules = {"k_prj"};
  EXPECT_NE(train(bad).error().message.find("k_prj"), std::string::npos);
}

// What the base model's makers recommend stays; what was learned to end a reply comes first.
TEST(Trainer, BasesGenerationConfigIsKept) {
  ModelConfig config = trainer_config();
  config.eos_token_ids = {3};
  GenerationConfig base;
  base.eos_token_ids = {7, 3, 9};
  base.bos_token_id = 1;
  base.do_sample = true;
  base.temperature = 0.6;
  base.top_p = 0.9;
  base.repetition_penalty = 1.1;
  TrainerOptions all = tiny_options("generation");
  TrainerOptions merged = adapter_options("generation_merged");
  merged.merges_lora = true;
  for (TrainerOptions* options : {&all, &merged}) {
    options->batches.epochs = 1;
    options->generation = base;
    ASSERT_TRUE(
        train_model(config, initialize_parameters(config, 1), counting_set(), *options).ok());
    const Checkpoint model = load_checkpoint(options->output_directory).value();
    const std::vector<int64_t> ids = {3, 7, 9};
    EXPECT_EQ(model.config.eos_token_ids, ids);
    GenerationConfig expected = base;
    expected.eos_token_ids = ids;
    EXPECT_EQ(generation_config_to_json(model.generation.value()),
              generation_config_to_json(expected));
  }
  // Without a recommendation there is none.
  TrainerOptions plain = tiny_options("generation_plain");
  plain.batches.epochs = 1;
  ASSERT_TRUE(train_model(config, initialize_parameters(config, 1), counting_set(), plain).ok());
  const Checkpoint model = load_checkpoint(plain.output_directory).value();
  EXPECT_FALSE(model.generation.value().temperature.has_value());
  EXPECT_EQ(model.generation.value().eos_token_ids, (std::vector<int64_t>{3}));
}

// A training that is cut off while it saves leaves no model with the base's end and template.
TEST(Trainer, TheTokenizerIsOfTheTrainingBeforeTheModelIsThere) {
  const fs::path base = fresh_directory("trainer_tokenizer");
  ASSERT_TRUE(write_file_atomic(base / "tokenizer.json",
                                R"({"added_tokens":[{"id":3,"content":"<|im_end|>"}]})")
                  .ok());
  ASSERT_TRUE(write_file_atomic(base / "tokenizer_config.json", R"({"eos_token":"<|end|>"})").ok());
  ModelConfig config = trainer_config();
  config.eos_token_ids = {3};
  bool is_whole = false;
  for (int64_t writes = 1; writes < 20 && !is_whole; ++writes) {
    TrainerOptions options = tiny_options("cut_off");
    options.batches.max_tokens = 60;
    options.tokenizer_directory = base.string();
    options.chat_template = "of the training";
    set_write_fault(WriteFault::DiskFull, writes);
    is_whole = train_model(config, initialize_parameters(config, 1), counting_set(), options).ok();
    set_write_fault(WriteFault::None, 0);
    const fs::path output(options.output_directory);
    if (!fs::exists(output / "config.json")) continue;
    const std::string text = read_file(output / "tokenizer_config.json").value();
    EXPECT_NE(text.find("<|im_end|>"), std::string::npos) << writes;
    EXPECT_NE(text.find("of the training"), std::string::npos) << writes;
  }
  EXPECT_TRUE(is_whole);
}

}  // namespace
}  // namespace caco::lm
