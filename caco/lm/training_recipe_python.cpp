// The recipes whose trainers are configured in Python: TRL and torchtune.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "caco/base/json.h"
#include "caco/lm/training_recipe.h"

namespace caco::lm {
namespace {

const char* python_bool(bool value) {
  return value ? "True" : "False";
}

const char* yaml_bool(bool value) {
  return value ? "true" : "false";
}

// The adapted layers by their own names.
std::vector<std::string> target_names(const LoraOptions& lora) {
  const std::vector<std::string>& targets = lora.target_modules;
  const bool is_all = std::find(targets.begin(), targets.end(), "all-linear") != targets.end();
  return is_all ? linear_module_names() : targets;
}

bool has_target(const LoraOptions& lora, const std::string& name) {
  const std::vector<std::string> names = target_names(lora);
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_trl_arguments(std::ostringstream& out, const RecipeFacts& facts) {
  const int64_t per_pass = records_per_pass(facts.records_per_step);
  out << "arguments = SFTConfig(\n    output_dir=" << quoted_text(facts.output)
      << ",\n    max_length=" << facts.max_length
      << ",\n    packing=" << python_bool(facts.is_packing) << ",\n";
  if (facts.is_packing) out << "    packing_strategy=\"bfd\",\n    eval_packing=False,\n";
  if (!facts.is_text) out << "    completion_only_loss=True,\n";
  if (!facts.eos_token.empty()) out << "    eos_token=" << quoted_text(facts.eos_token) << ",\n";
  out << "    per_device_train_batch_size=" << per_pass
      << ",\n    gradient_accumulation_steps=" << facts.records_per_step / per_pass
      << ",\n    num_train_epochs=" << number_literal(facts.epochs)
      << ",\n    learning_rate=" << number_literal(facts.learning_rate) << ",\n";
  if (facts.final_fraction > 0) {
    out << "    lr_scheduler_type=\"cosine_with_min_lr\",\n"
        << "    lr_scheduler_kwargs={\"min_lr_rate\": " << number_literal(facts.final_fraction)
        << "},\n";
  } else {
    out << "    lr_scheduler_type=\"cosine\",\n";
  }
  out << "    warmup_steps=" << facts.warmup_steps
      << ",\n    weight_decay=" << number_literal(facts.weight_decay)
      << ",\n    max_grad_norm=" << number_literal(facts.clip_norm)
      << ",\n    adam_beta1=0.9,\n    adam_beta2=0.95,\n    adam_epsilon=1e-8,\n"
      << "    bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),\n"
      << "    gradient_checkpointing=" << python_bool(facts.recomputes_activations)
      << ",\n    seed=" << facts.seed << ",\n    logging_steps=1,\n    report_to=\"none\",\n";
  out << "    save_strategy=" << (facts.save_steps > 0 ? "\"steps\"" : "\"epoch\"") << ",\n";
  if (facts.save_steps > 0) out << "    save_steps=" << facts.save_steps << ",\n";
  if (facts.save_total_limit > 0) out << "    save_total_limit=" << facts.save_total_limit << ",\n";
  if (facts.has_evaluation && facts.eval_steps > 0) {
    out << "    eval_strategy=\"steps\",\n    eval_steps=" << facts.eval_steps << ",\n";
  } else if (facts.has_evaluation) {
    out << "    eval_strategy=\"epoch\",\n";
  }
  out << ")\n\n";
}

// The builder of the model in torchtune's words: component, extra arguments and checkpoint type.
struct TorchtuneModel {
  std::string family;  // module and function: "qwen2"
  std::string extra;
  std::string model_type;
};

Result<TorchtuneModel> torchtune_model(const ModelConfig& config) {
  const auto refuse = [](const std::string& what) {
    return Error{ErrorCode::InvalidArgument, "torchtune cannot express " + what,
                 "use --for llamafactory or --for trl"};
  };
  if (config.head_dim * config.num_attention_heads != config.hidden_size) {
    return refuse("heads whose sizes do not add up to the hidden size");
  }
  if (config.family == ModelFamily::Qwen3) return refuse("this Qwen3 model by its sizes");
  const RopeScaling& rope = config.rope_scaling;
  if (config.family == ModelFamily::Qwen2) {
    if (rope.type != RopeType::Default) return refuse("scaled rotary positions of a Qwen2 model");
    return TorchtuneModel{
        "qwen2",
        "  tie_word_embeddings: " + std::string(yaml_bool(config.tie_word_embeddings)) + "\n",
        "QWEN2"};
  }
  if (config.attention_bias || config.mlp_bias) return refuse("a Llama model with biases");
  if (rope.type != RopeType::Default && rope.type != RopeType::Llama3) {
    return refuse("this scaling of rotary positions");
  }
  // Its Llama 3.1 and 3.2 differ in tied embeddings alone; a factor of 1 scales nothing.
  const int64_t factor =
      rope.type == RopeType::Llama3 ? static_cast<int64_t>(std::llround(rope.factor)) : 1;
  const std::string family = config.tie_word_embeddings ? "llama3_2" : "llama3_1";
  return TorchtuneModel{family, "  scale_factor: " + std::to_string(factor) + "\n",
                        config.tie_word_embeddings ? "LLAMA3_2" : "LLAMA3"};
}

void add_torchtune_model(std::ostringstream& out, const RecipeFacts& facts,
                         const TorchtuneModel& model) {
  const ModelConfig& config = facts.config;
  const bool is_lora = facts.lora.is_used();
  out << "model:\n  _component_: torchtune.models." << model.family << "."
      << (is_lora ? "lora_" : "") << model.family << "\n  vocab_size: " << config.vocab_size
      << "\n  num_layers: " << config.num_hidden_layers
      << "\n  num_heads: " << config.num_attention_heads
      << "\n  num_kv_heads: " << config.num_key_value_heads
      << "\n  embed_dim: " << config.hidden_size
      << "\n  intermediate_dim: " << config.intermediate_size
      << "\n  max_seq_len: " << std::max(config.max_position_embeddings, facts.max_length)
      << "\n  norm_eps: " << number_literal(config.rms_norm_eps)
      << "\n  rope_base: " << static_cast<int64_t>(config.rope_theta) << "\n"
      << model.extra;
  if (!is_lora) return;
  std::string names;
  for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
    if (has_target(facts.lora, name)) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (has_target(facts.lora, "o_proj")) {
    names += (names.empty() ? "" : ", ") + std::string("output_proj");
  }
  // Its alpha over rank is the scaling, so the rank-stabilised scaling is written as another alpha.
  const double alpha = facts.lora.scaling() * static_cast<double>(facts.lora.rank);
  out << "  lora_attn_modules: [" << names
      << "]\n  apply_lora_to_mlp: " << yaml_bool(has_target(facts.lora, "gate_proj"))
      << "\n  lora_rank: " << facts.lora.rank << "\n  lora_alpha: " << number_literal(alpha)
      << "\n  lora_dropout: 0.0\n";
}

constexpr const char* kTorchtuneModule =
    R"(# Records that are token ids with labels already; torchtune adds nothing to them.
import json

from torch.utils.data import Dataset
from torchtune.datasets import PackedDataset


class IdsTokenizer:
    """Stands for the tokenizer where the recipes want one: for its padding and its length."""

    def __init__(self, pad_id, max_seq_len):
        self.pad_id = pad_id
        self.max_seq_len = max_seq_len


class IdsDataset(Dataset):
    """The lines {"tokens": [...], "labels": [...]} of a file."""

    def __init__(self, path):
        with open(path) as lines:
            self.records = [json.loads(line) for line in lines]

    def __len__(self):
        return len(self.records)

    def __getitem__(self, index):
        record = self.records[index]
        return {"tokens": list(record["tokens"]), "labels": list(record["labels"])}


def ids_dataset(tokenizer, path, packed=False):
    dataset = IdsDataset(path)
    if packed:
        return PackedDataset(dataset, max_seq_len=tokenizer.max_seq_len, padding_idx=tokenizer.pad_id)
    return dataset
)";

std::string torchtune_yaml(const RecipeFacts& facts, const TorchtuneModel& model) {
  const int64_t per_pass = records_per_pass(facts.records_per_step);
  const bool is_lora = facts.lora.is_used();
  std::ostringstream out;
  out << "output_dir: " << quoted_text(facts.output) << "\n\n";
  add_torchtune_model(out, facts, model);
  out << "\ntokenizer:\n  _component_: caco_records.IdsTokenizer\n  pad_id: "
      << std::max<int64_t>(0, facts.config.pad_token_id) << "\n  max_seq_len: " << facts.max_length
      << "\n\ndataset:\n  _component_: caco_records.ids_dataset\n  path: "
      << quoted_text(facts.folder + "/train.jsonl") << "\n  packed: " << yaml_bool(facts.is_packing)
      << "\n";
  out << "seed: " << facts.seed << "\nshuffle: true\n\ncheckpointer:\n"
      << "  _component_: torchtune.training.FullModelHFCheckpointer\n  checkpoint_dir: "
      << quoted_text(facts.base_folder) << "\n  checkpoint_files: " << dump_json(facts.weight_files)
      << "\n  recipe_checkpoint: null\n  output_dir: ${output_dir}\n  model_type: "
      << model.model_type << "\nresume_from_checkpoint: false\n";
  if (is_lora) out << "save_adapter_weights_only: false\n";
  const int64_t epochs = static_cast<int64_t>(std::ceil(facts.epochs));
  out << "\nepochs: " << epochs << "\nmax_steps_per_epoch: ";
  if (facts.epochs < 1) {
    out << facts.num_steps << "\n";
  } else {
    out << "null\n";
  }
  out << "batch_size: " << per_pass
      << "\ngradient_accumulation_steps: " << facts.records_per_step / per_pass
      << "\noptimizer:\n  _component_: torch.optim.AdamW\n  fused: true\n  lr: "
      << number_literal(facts.learning_rate)
      << "\n  betas: [0.9, 0.95]\n  eps: 1.0e-8\n  weight_decay: "
      << number_literal(facts.weight_decay) << "\n";
  if (!is_lora) out << "optimizer_in_bwd: false\n";
  out << "lr_scheduler:\n"
      << "  _component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup\n"
      << "  num_warmup_steps: " << facts.warmup_steps
      << "\nloss:\n  _component_: torchtune.modules.loss.CEWithChunkedOutputLoss\nclip_grad_norm: ";
  if (facts.clip_norm > 0) {
    out << number_literal(facts.clip_norm) << "\n";
  } else {
    out << "null\n";
  }
  out << "\ndevice: cuda\ndtype: bf16\nenable_activation_checkpointing: "
      << yaml_bool(facts.recomputes_activations)
      << "\nenable_activation_offloading: false\ncompile: false\n\nmetric_logger:\n"
      << "  _component_: torchtune.training.metric_logging.DiskLogger\n"
      << "  log_dir: ${output_dir}/logs\nlog_every_n_steps: 1\nlog_peak_memory_stats: true\n"
      << "log_level: INFO\n";
  return out.str();
}

}  // namespace

Result<std::vector<RecipeFile>> trl_files(const RecipeFacts& facts) {
  std::ostringstream out;
  out << "# Supervised fine-tuning with TRL; see README.md beside this file.\n"
      << "from pathlib import Path\n\nimport torch\nfrom datasets import load_dataset\n";
  if (facts.lora.is_used()) out << "from peft import LoraConfig\n";
  out << "from trl import SFTConfig, SFTTrainer\n\nhere = Path(__file__).resolve().parent\n"
      << "files = {\"train\": str(here / \"train.jsonl\")";
  if (facts.has_evaluation) out << ", \"eval\": str(here / \"eval.jsonl\")";
  out << "}\nrecords = load_dataset(\"json\", data_files=files)\n\n";
  add_trl_arguments(out, facts);
  if (facts.lora.is_used()) {
    out << "adapter = LoraConfig(\n    r=" << facts.lora.rank
        << ",\n    lora_alpha=" << number_literal(facts.lora.alpha)
        << ",\n    use_rslora=" << python_bool(facts.lora.uses_rslora)
        << ",\n    lora_dropout=0.0,\n    target_modules=" << dump_json(target_names(facts.lora))
        << ",\n    bias=\"none\",\n    task_type=\"CAUSAL_LM\",\n)\n\n";
  }
  out << "trainer = SFTTrainer(\n    model=" << quoted_text(facts.base)
      << ",\n    args=arguments,\n    train_dataset=records[\"train\"],\n";
  if (facts.has_evaluation) out << "    eval_dataset=records[\"eval\"],\n";
  if (facts.lora.is_used()) out << "    peft_config=adapter,\n";
  out << ")\ntrainer.train()\ntrainer.save_model()\n";
  RecipeGuide guide;
  guide.program = "TRL";
  guide.commands = "pip install trl peft datasets\npython train.py";
  guide.tried = "TRL 1.16.0, transformers 5.23.0, peft 0.21.2 and datasets 5.2.0";
  guide.differences =
      "- TRL tokenizes prompt and completion as one text; `caco-lm` apart, so that the first token "
      "of a completion may differ.\n"
      "- The first step of the warm-up has a rate of 0.\n";
  if (facts.is_text) guide.differences += "- TRL adds the end token to every text.\n";
  if (facts.has_evaluation) {
    guide.differences += "- The held-out loss is a mean over passes, not over tokens.\n";
  }
  if (facts.is_packing) {
    guide.differences +=
        "- Packing wants an attention that keeps documents apart (FlashAttention).\n";
  }
  return std::vector<RecipeFile>{{"train.py", out.str()},
                                 {"README.md", recipe_readme(facts, guide)}};
}

Result<std::vector<RecipeFile>> torchtune_files(const RecipeFacts& facts) {
  const TorchtuneModel model = TRY(torchtune_model(facts.config));
  const bool is_lora = facts.lora.is_used();
  if (is_lora) {
    const bool has_gate = has_target(facts.lora, "gate_proj");
    if (has_target(facts.lora, "up_proj") != has_gate ||
        has_target(facts.lora, "down_proj") != has_gate) {
      return Error{ErrorCode::InvalidArgument,
                   "torchtune adapts all layers of a feed-forward block or none",
                   "give --lora-targets all-linear, or attention layers alone"};
    }
  }
  const std::string recipe =
      is_lora ? "lora_finetune_single_device" : "full_finetune_single_device";
  RecipeGuide guide;
  guide.program = "torchtune";
  guide.commands = "pip install torchtune==0.6.1 torchao==0.13.0\nPYTHONPATH=. tune run " + recipe +
                   " --config train.yaml";
  guide.tried = "torchtune 0.6.1, its last release, which later releases of torchao break";
  guide.devices =
      "Without a GPU append `device=cpu dtype=fp32` to the command; on several GPUs take the "
      "distributed recipe of the same name.";
  guide.differences =
      "- The cosine ends at zero, and weight decay acts on norms and biases as well.\n"
      "- Positions and attention are kept apart when packing, as here.\n"
      "- The last records of an epoch, too few for a pass, are left out.\n";
  if (facts.has_evaluation) {
    guide.differences +=
        "- Nothing is evaluated: these recipes of torchtune do not read eval.jsonl.\n";
  }
  if (facts.epochs > 1 && facts.epochs != std::floor(facts.epochs)) {
    guide.differences +=
        "- Epochs are whole: " + number_literal(facts.epochs) + " was rounded up.\n";
  }
  return std::vector<RecipeFile>{{"train.yaml", torchtune_yaml(facts, model)},
                                 {"caco_records.py", kTorchtuneModule},
                                 {"README.md", recipe_readme(facts, guide)}};
}

}  // namespace caco::lm
