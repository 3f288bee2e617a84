#include "caco/lm/training_recipe.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "caco/base/json.h"

namespace caco::lm {
namespace {

// The learned stretches of a document; of plain text the whole.
std::vector<TextRange> learned_ranges(std::span<const char> mask, bool is_text) {
  if (is_text) return {{0, mask.size()}};
  std::vector<TextRange> ranges;
  for (size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    if (i == 0 || mask[i - 1] == 0) ranges.push_back({i, i});
    ranges.back().end = i + 1;
  }
  return ranges;
}

// The text of the ids, if it is tokenized as these ids again.
bool to_text(const Tokenizer& tokenizer, std::span<const int32_t> ids, std::string& text) {
  text = tokenizer.decode(ids);
  const std::vector<int32_t> again = tokenizer.encode(text, SpecialTokens::Parse);
  return std::equal(again.begin(), again.end(), ids.begin(), ids.end());
}

void add_number(std::ostringstream& out, const char* key, double value) {
  out << key << ": " << number_literal(value) << "\n";
}

std::string batch_lines(const RecipeFacts& facts) {
  const int64_t per_pass = records_per_pass(facts.records_per_step);
  return "per_device_train_batch_size: " + std::to_string(per_pass) +
         "\ngradient_accumulation_steps: " + std::to_string(facts.records_per_step / per_pass) +
         "\n";
}

// Their names of a schedule that ends above zero.
bool ends_above_zero(const RecipeFacts& facts) {
  return facts.final_fraction > 0;
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : separator) + word;
  return text;
}

// "all" in LLaMA-Factory's words, else the names.
std::string lora_target(const LoraOptions& lora) {
  const std::vector<std::string>& targets = lora.target_modules;
  const bool is_all = std::find(targets.begin(), targets.end(), "all-linear") != targets.end();
  return is_all ? "all" : joined(targets, ",");
}

Json dataset_entry(const RecipeFacts& facts, const std::string& file) {
  Json columns = Json::object();
  columns["prompt"] = facts.is_text ? "text" : "prompt";
  if (!facts.is_text) columns["response"] = "completion";
  Json entry = Json::object();
  entry["file_name"] = file;
  entry["formatting"] = "alpaca";
  entry["columns"] = columns;
  return entry;
}

}  // namespace

bool is_plain_text(const TrainingSet& data) {
  for (int64_t i = 0; i < data.num_documents(); ++i) {
    const std::span<const char> mask = data.targets(i);
    if (std::count(mask.begin() + 1, mask.end(), 0) > 0) return false;
  }
  return true;
}

RecipeRecords text_records(const TrainingSet& data, const Tokenizer& tokenizer, bool is_text,
                           bool drops_prefix) {
  RecipeRecords records;
  const std::vector<int32_t>& prefix = tokenizer.prefix_ids();
  for (int64_t i = 0; i < data.num_documents(); ++i) {
    const std::span<const int32_t> tokens = data.document(i);
    const bool has_prefix = drops_prefix && tokens.size() > prefix.size() &&
                            std::equal(prefix.begin(), prefix.end(), tokens.begin());
    for (const TextRange& range : learned_ranges(data.targets(i), is_text)) {
      const size_t begin = has_prefix ? std::min(prefix.size(), range.end) : 0;
      const size_t middle = std::max(range.begin, begin);
      std::string prompt;
      std::string completion;
      if (!to_text(tokenizer, tokens.subspan(begin, middle - begin), prompt) ||
          !to_text(tokenizer, tokens.subspan(middle, range.end - middle), completion)) {
        ++records.num_unfaithful;
        continue;
      }
      Json line = Json::object();
      if (!is_text) line["prompt"] = prompt;
      line[is_text ? "text" : "completion"] = completion;
      records.lines += dump_json(line) + "\n";
      ++records.num_written;
    }
  }
  return records;
}

RecipeRecords token_records(const TrainingSet& data) {
  RecipeRecords records;
  for (int64_t i = 0; i < data.num_documents(); ++i) {
    const std::span<const int32_t> tokens = data.document(i);
    const std::span<const char> mask = data.targets(i);
    Json line = Json::object();
    line["tokens"] = std::vector<int32_t>(tokens.begin(), tokens.end());
    Json labels = Json::array();
    for (size_t at = 0; at < tokens.size(); ++at)
      labels.push_back(mask[at] == 1 ? tokens[at] : -100);
    line["labels"] = std::move(labels);
    records.lines += dump_json(line) + "\n";
    ++records.num_written;
  }
  return records;
}

int64_t records_per_pass(int64_t records) {
  for (int64_t count = 8; count > 1; --count) {
    if (records % count == 0) return count;
  }
  return 1;
}

std::string number_literal(double value) {
  std::string text = dump_json(Json(value));
  const size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) {
    text.insert(exponent, ".0");
  }
  return text;
}

std::string quoted_text(const std::string& text) {
  return dump_json(Json(text));
}

std::string recipe_readme(const RecipeFacts& facts, const RecipeGuide& guide) {
  std::string text = "# The training for " + guide.program + "\n\n```sh\n" + guide.commands +
                     "\n```\n\nTried with " + guide.tried + ". ";
  if (!guide.devices.empty()) text += guide.devices + " ";
  return text + "Here the run has " + std::to_string(facts.num_steps) +
         " steps; on several devices divide gradient_accumulation_steps by their number. The "
         "records have the template in them already, and nothing is to be added to it.\n\n"
         "What differs from the run of `caco-lm train`:\n\n" +
         guide.differences +
         "- A step has a fixed number of records, not of tokens.\n"
         "- Records over the length were dropped, cut or split before they were written here.\n";
}

Result<std::vector<RecipeFile>> llama_factory_files(const RecipeFacts& facts) {
  if (facts.lora.is_used() && facts.lora.alpha != std::floor(facts.lora.alpha)) {
    return Error{ErrorCode::InvalidArgument, "LLaMA-Factory takes whole numbers for lora_alpha",
                 "round --lora-alpha"};
  }
  std::ostringstream out;
  out << "### model\nmodel_name_or_path: " << quoted_text(facts.base)
      << "\n\n### method\nstage: " << (facts.is_text ? "pt" : "sft")
      << "\ndo_train: true\nfinetuning_type: " << (facts.lora.is_used() ? "lora" : "full") << "\n";
  if (facts.lora.is_used()) {
    out << "lora_rank: " << facts.lora.rank << "\n";
    out << "lora_alpha: " << static_cast<int64_t>(facts.lora.alpha) << "\n";
    out << "lora_dropout: 0.0\nlora_target: " << quoted_text(lora_target(facts.lora)) << "\n";
    out << "use_rslora: " << (facts.lora.uses_rslora ? "true" : "false") << "\n";
  }
  out << "\n### dataset\ndataset_dir: " << quoted_text(facts.folder) << "\ndataset: caco_train\n";
  if (facts.has_evaluation) out << "eval_dataset: caco_eval\n";
  out << "template: empty\ncutoff_len: " << facts.max_length << "\n";
  if (facts.is_packing) out << "packing: true\nneat_packing: true\n";
  if (facts.is_text && !facts.is_packing) out << "packing: false\n";
  out << "\n### output\noutput_dir: " << quoted_text(facts.output)
      << "\nlogging_steps: 1\nplot_loss: true\nreport_to: none\n";
  if (facts.save_steps > 0) out << "save_steps: " << facts.save_steps << "\n";
  if (facts.save_total_limit > 0) out << "save_total_limit: " << facts.save_total_limit << "\n";
  out << "\n### train\n" << batch_lines(facts);
  add_number(out, "learning_rate", facts.learning_rate);
  add_number(out, "num_train_epochs", facts.epochs);
  if (ends_above_zero(facts)) {
    out << "lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs:\n  ";
    add_number(out, "min_lr_rate", facts.final_fraction);
  } else {
    out << "lr_scheduler_type: cosine\n";
  }
  out << "warmup_steps: " << facts.warmup_steps << "\n";
  add_number(out, "weight_decay", facts.weight_decay);
  add_number(out, "max_grad_norm", facts.clip_norm);
  out << "adam_beta1: 0.9\nadam_beta2: 0.95\nadam_epsilon: 1.0e-8\nbf16: true\nseed: " << facts.seed
      << "\ndisable_gradient_checkpointing: " << (facts.recomputes_activations ? "false" : "true")
      << "\n";
  if (facts.has_evaluation) {
    out << "\n### eval\nper_device_eval_batch_size: 1\neval_strategy: "
        << (facts.eval_steps > 0 ? "steps\neval_steps: " + std::to_string(facts.eval_steps)
                                 : std::string("epoch"))
        << "\n";
  }
  Json datasets = Json::object();
  datasets["caco_train"] = dataset_entry(facts, "train.jsonl");
  if (facts.has_evaluation) datasets["caco_eval"] = dataset_entry(facts, "eval.jsonl");
  RecipeGuide guide;
  guide.program = "LLaMA-Factory";
  guide.commands = "pip install llamafactory\nllamafactory-cli train train.yaml";
  guide.tried = "LLaMA-Factory 0.9.5, transformers 5.6.0 and peft 0.18.1";
  guide.devices = "Without a GPU append `bf16=false` to the command.";
  guide.differences =
      "- The adapter or model is saved with its own chat template, not with that of the records.\n"
      "- The first step of the warm-up has a rate of 0.\n";
  if (facts.has_evaluation) {
    guide.differences += "- The held-out loss is a mean over records, not over tokens.\n";
  }
  if (facts.is_packing) guide.differences += "- Packing is greedy, not best-fit decreasing.\n";
  return std::vector<RecipeFile>{{"train.yaml", out.str()},
                                 {"dataset_info.json", dump_json_pretty(datasets)},
                                 {"README.md", recipe_readme(facts, guide)}};
}

}  // namespace caco::lm
