// The recipes for other trainers: their records mean the same tokens, and their files have the
// fields that those trainers read.
#include "caco/lm/training_recipe.h"

#include <gtest/gtest.h>

#include <sstream>

#include "caco/base/json.h"
#include "caco/lm/byte_tokenizer.h"
#include "caco/lm/small_config.h"

namespace caco::lm {
namespace {

RecipeFacts facts_of_a_run() {
  RecipeFacts facts;
  facts.base = "org/base";
  facts.base_folder = "/models/base";
  facts.weight_files = {"model.safetensors"};
  facts.config = small_config(300, 64, 128, 4, 2, 16);
  facts.folder = "/recipes/one";
  facts.output = "/models/out";
  facts.eos_token = "<|im_end|>";
  facts.learning_rate = 5e-4;
  facts.final_fraction = 0.02;
  facts.weight_decay = 0.1;
  facts.clip_norm = 1;
  facts.epochs = 3;
  facts.seed = 7;
  facts.max_length = 1024;
  facts.num_steps = 120;
  facts.warmup_steps = 4;
  facts.records_per_step = 24;
  return facts;
}

std::string file_of(const Result<std::vector<RecipeFile>>& files, const std::string& name) {
  for (const auto& [file, content] : files.value()) {
    if (file == name) return content;
  }
  ADD_FAILURE() << "no file " << name;
  return "";
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
}

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(parse_json(line).value());
  return lines;
}

LabelledTokens dialogue(const Tokenizer& tokenizer) {
  return render_turns(tokenizer, find_turn_template("chatml").value(),
                      {{"user", "U", false},
                       {"assistant", "A", true},
                       {"user", "V", false},
                       {"assistant", "B", true}},
                      -1)
      .value();
}

TEST(TrainingRecipe, RecordsMeanTheSameTokens) {
  const Tokenizer tokenizer = byte_tokenizer();
  TrainingSet set;
  set.add(dialogue(tokenizer), /*is_whole=*/true, {});
  EXPECT_FALSE(is_plain_text(set));
  const RecipeRecords records = text_records(set, tokenizer, /*is_text=*/false, true);
  EXPECT_EQ(records.num_written, 2);
  EXPECT_EQ(records.num_unfaithful, 0);
  const std::vector<Json> lines = lines_of(records.lines);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["prompt"], "<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(lines[0]["completion"], "A<|im_end|>");
  EXPECT_EQ(lines[1]["prompt"],
            "<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n"
            "<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(lines[1]["completion"], "B<|im_end|>");
  const std::vector<Json> ids = lines_of(token_records(set).lines);
  ASSERT_EQ(ids.size(), 1u);
  ASSERT_EQ(ids[0]["tokens"].size(), set.document(0).size());
  int64_t num_labels = 0;
  for (size_t i = 0; i < set.document(0).size(); ++i) {
    EXPECT_EQ(ids[0]["tokens"][i], set.document(0)[i]);
    if (ids[0]["labels"][i] == -100) continue;
    EXPECT_EQ(ids[0]["labels"][i], set.document(0)[i]);
    ++num_labels;
  }
  EXPECT_EQ(num_labels, 4);
}

// A content that looks like a special token would become one in another trainer.
TEST(TrainingRecipe, UnfaithfulRecordsAreLeftOut) {
  const Tokenizer tokenizer = byte_tokenizer();
  TrainingSet set;
  LabelledTokens record;
  record.add(tokenizer.encode("Q", SpecialTokens::Ignore), false);
  record.add(tokenizer.encode("<|im_end|>", SpecialTokens::Ignore), true);
  set.add(record, true, {});
  set.add(dialogue(tokenizer), true, {});
  const RecipeRecords records = text_records(set, tokenizer, false, false);
  EXPECT_EQ(records.num_written, 2);
  EXPECT_EQ(records.num_unfaithful, 1);
}

TEST(TrainingRecipe, PlainTextStaysText) {
  const Tokenizer tokenizer = byte_tokenizer();
  TrainingSet set;
  set.add(tokenizer.encode("some text", SpecialTokens::Ignore), 1, {});
  EXPECT_TRUE(is_plain_text(set));
  EXPECT_EQ(text_records(set, tokenizer, true, false).lines, "{\"text\":\"some text\"}\n");
}

TEST(TrainingRecipe, LlamaFactory) {
  RecipeFacts facts = facts_of_a_run();
  facts.has_evaluation = true;
  facts.eval_steps = 50;
  facts.save_total_limit = 3;
  const auto files = llama_factory_files(facts);
  expect_parts(
      file_of(files, "train.yaml"),
      {"model_name_or_path: \"org/base\"\n", "stage: sft\n", "finetuning_type: full\n",
       "dataset_dir: \"/recipes/one\"\n", "dataset: caco_train\n", "eval_dataset: caco_eval\n",
       "template: empty\n", "cutoff_len: 1024\n", "per_device_train_batch_size: 8\n",
       "gradient_accumulation_steps: 3\n", "learning_rate: 0.0005\n",
       "lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs:\n  min_lr_rate: 0.02\n",
       "warmup_steps: 4\n", "max_grad_norm: 1.0\n", "eval_strategy: steps\neval_steps: 50\n",
       "save_total_limit: 3\n", "output_dir: \"/models/out\"\n", "seed: 7\n"});
  const Json datasets = parse_json(file_of(files, "dataset_info.json")).value();
  EXPECT_EQ(datasets["caco_train"]["file_name"], "train.jsonl");
  EXPECT_EQ(datasets["caco_train"]["columns"]["prompt"], "prompt");
  EXPECT_EQ(datasets["caco_train"]["columns"]["response"], "completion");
  EXPECT_EQ(datasets["caco_eval"]["file_name"], "eval.jsonl");
  facts.lora.rank = 8;
  facts.lora.alpha = 16;
  facts.lora.uses_rslora = true;
  facts.lora.target_modules = {"all-linear"};
  facts.is_packing = true;
  facts.is_text = true;
  facts.final_fraction = 0;
  expect_parts(file_of(llama_factory_files(facts), "train.yaml"),
               {"stage: pt\n", "finetuning_type: lora\nlora_rank: 8\nlora_alpha: 16\n",
                "lora_target: \"all\"\nuse_rslora: true\n", "packing: true\nneat_packing: true\n",
                "lr_scheduler_type: cosine\n"});
  facts.lora.alpha = 1.5;
  EXPECT_FALSE(llama_factory_files(facts).ok());
}

TEST(TrainingRecipe, Trl) {
  RecipeFacts facts = facts_of_a_run();
  facts.lora.rank = 8;
  facts.lora.target_modules = {"q_proj", "v_proj"};
  facts.is_packing = true;
  const auto files = trl_files(facts);
  expect_parts(
      file_of(files, "train.py"),
      {"from trl import SFTConfig, SFTTrainer\n", "    completion_only_loss=True,\n",
       "    packing=True,\n    packing_strategy=\"bfd\",\n", "    eos_token=\"<|im_end|>\",\n",
       "    max_length=1024,\n", "    lr_scheduler_kwargs={\"min_lr_rate\": 0.02},\n",
       "    warmup_steps=4,\n", "    num_train_epochs=3.0,\n", "adapter = LoraConfig(\n    r=8,\n",
       "target_modules=[\"q_proj\",\"v_proj\"]", "    model=\"org/base\",\n",
       "    peft_config=adapter,\n", "trainer.save_model()\n"});
  facts.is_text = true;
  EXPECT_EQ(file_of(trl_files(facts), "train.py").find("completion_only_loss"), std::string::npos);
}

TEST(TrainingRecipe, Torchtune) {
  RecipeFacts facts = facts_of_a_run();
  facts.config.max_position_embeddings = 128;  // fewer than the records have
  const auto files = torchtune_files(facts);
  expect_parts(
      file_of(files, "train.yaml"),
      {"  _component_: torchtune.models.llama3_2.llama3_2\n", "  embed_dim: 64\n",
       "  scale_factor: 1\n", "  model_type: LLAMA3_2\n",
       "  _component_: caco_records.ids_dataset\n  path: \"/recipes/one/train.jsonl\"\n",
       "  checkpoint_dir: \"/models/base\"\n  checkpoint_files: [\"model.safetensors\"]\n",
       "epochs: 3\nmax_steps_per_epoch: null\nbatch_size: 8\ngradient_accumulation_steps: 3\n",
       "  lr: 0.0005\n", "  num_warmup_steps: 4\n", "clip_grad_norm: 1.0\n"});
  expect_parts(file_of(files, "caco_records.py"), {"def ids_dataset(tokenizer, path, packed"});
  expect_parts(file_of(files, "README.md"), {"tune run full_finetune_single_device",
                                             "Here the run has 120 steps", "dtype=fp32"});
  // What the last release has, and room for the longest record beyond the base's positions.
  expect_parts(file_of(files, "train.yaml"),
               {"  _component_: torchtune.modules.loss.CEWithChunkedOutputLoss\n",
                "\n  max_seq_len: 1024\n  norm_eps: "});
  facts.has_evaluation = true;
  expect_parts(file_of(torchtune_files(facts), "README.md"), {"Nothing is evaluated"});
  EXPECT_EQ(file_of(torchtune_files(facts), "train.yaml").find("eval"), std::string::npos);
  facts.has_evaluation = false;
  facts.config.family = ModelFamily::Qwen2;
  facts.lora.rank = 8;
  facts.lora.alpha = 16;
  facts.lora.uses_rslora = true;
  facts.lora.target_modules = {"q_proj", "o_proj"};
  expect_parts(file_of(torchtune_files(facts), "train.yaml"),
               {"  _component_: torchtune.models.qwen2.lora_qwen2\n",
                "  tie_word_embeddings: true\n", "  lora_attn_modules: [q_proj, output_proj]\n",
                "  apply_lora_to_mlp: false\n", "  lora_alpha: 45.25"});
  facts.lora.target_modules = {"gate_proj"};
  EXPECT_FALSE(torchtune_files(facts).ok());
  facts.lora.rank = 0;
  facts.config.head_dim = 32;
  EXPECT_NE(torchtune_files(facts).error().message.find("heads"), std::string::npos);
}

TEST(TrainingRecipe, GradientCheckpointingIsAsInTheRun) {
  const struct {
    bool recomputes_activations;
    const char* llama_factory;
    const char* trl;
    const char* torchtune;
  } rows[] = {
      {true, "\ndisable_gradient_checkpointing: false\n", "\n    gradient_checkpointing=True,\n",
       "\nenable_activation_checkpointing: true\n"},
      {false, "\ndisable_gradient_checkpointing: true\n", "\n    gradient_checkpointing=False,\n",
       "\nenable_activation_checkpointing: false\n"}};
  for (const auto& row : rows) {
    RecipeFacts facts = facts_of_a_run();
    facts.recomputes_activations = row.recomputes_activations;
    expect_parts(file_of(llama_factory_files(facts), "train.yaml"), {row.llama_factory});
    expect_parts(file_of(trl_files(facts), "train.py"), {row.trl});
    expect_parts(file_of(torchtune_files(facts), "train.yaml"), {row.torchtune});
  }
}

TEST(TrainingRecipe, NumbersAreNumbersInYaml) {
  const struct {
    double value;
    const char* literal;
  } rows[] = {{1e-5, "1.0e-05"}, {2.5e-5, "2.5e-05"}, {0.0005, "0.0005"}, {3, "3.0"}};
  for (const auto& row : rows)
    EXPECT_EQ(number_literal(row.value), row.literal);
}

TEST(TrainingRecipe, PassesDivideAStep) {
  const struct {
    int64_t records;
    int64_t per_pass;
  } rows[] = {{1, 1}, {7, 7}, {8, 8}, {16, 8}, {18, 6}, {11, 1}, {22, 2}};
  for (const auto& row : rows)
    EXPECT_EQ(records_per_pass(row.records), row.per_pass) << row.records;
}

}  // namespace
}  // namespace caco::lm
