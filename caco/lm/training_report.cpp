#include "caco/lm/training_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "caco/base/json.h"

namespace caco::lm {
namespace {

std::string format_seconds(double seconds) {
  const int64_t whole = std::llround(std::max(0.0, seconds));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof(text), "%ldh%02ldm", whole / 3600, whole / 60 % 60);
  } else {
    std::snprintf(text, sizeof(text), "%ldm%02lds", whole / 60, whole % 60);
  }
  return text;
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

}  // namespace

double flops_per_token(const ModelConfig& config, const TrainingSet& data) {
  const double mean_length =
      static_cast<double>(data.num_tokens()) / static_cast<double>(data.num_documents());
  const int64_t embedding = config.vocab_size * config.hidden_size;
  const int64_t weights = config.num_parameters() - (config.tie_word_embeddings ? 0 : embedding);
  const double attention = 6.0 * static_cast<double>(config.num_hidden_layers) *
                           static_cast<double>(config.query_size()) * mean_length;
  return 6.0 * static_cast<double>(weights) + attention;
}

std::string progress_line(const StepMetrics& metrics, int64_t total_steps, double seconds_left) {
  char text[200];
  std::snprintf(text, sizeof(text),
                "step %ld/%ld  loss %.4f  lr %.2e  grad %.2f  %.0f tokens/s  left %s", metrics.step,
                total_steps, metrics.loss, metrics.learning_rate, metrics.gradient_norm,
                metrics.tokens_per_second, format_seconds(seconds_left).c_str());
  std::string line = text;
  if (metrics.mfu >= 0) line += "  mfu " + number_text(100 * metrics.mfu) + " %";
  return line;
}

std::string evaluation_line(int64_t step, double eval_loss) {
  return "held-out loss " + number_text(eval_loss) + " after step " + std::to_string(step);
}

std::string report_json(const ModelConfig& config, const TrainingSet& data,
                        const TrainerOptions& options, const TrainingResult& result,
                        int64_t num_trained) {
  Json json = Json::object();
  json["is_finished"] = result.is_finished;
  json["steps"] = result.num_steps;
  json["planned_steps"] = result.total_steps;
  json["num_tokens"] = result.num_tokens;
  json["final_loss"] = result.final_loss;
  if (result.eval_loss >= 0) json["eval_loss"] = result.eval_loss;
  json["seconds"] = result.seconds;
  json["num_parameters"] = config.num_parameters();
  json["num_trained_parameters"] = num_trained;
  json["tflops"] = flops_per_token(config, data) * static_cast<double>(result.num_tokens) /
                   std::max(result.seconds, 1e-9) * 1e-12;
  json["records"] = data.counts().num_records;
  json["documents"] = data.num_documents();
  json["dropped"] = data.counts().num_dropped;
  json["cut"] = data.counts().num_cut;
  json["split"] = data.counts().num_split;
  json["without_label"] = data.counts().num_unlabelled;
  json["seed"] = options.batches.seed;
  json["batch_tokens"] = options.batches.batch_tokens;
  json["learning_rate"] = options.learning_rate;
  return dump_json_pretty(json);
}

std::string model_card_text(const TrainingSet& data, const TrainerOptions& options,
                            const TrainingResult& result) {
  TrainingCard card = options.card;
  card.is_adapter = options.lora.is_used() && !options.merges_lora;
  card.counts = data.counts();
  card.num_documents = data.num_documents();
  card.num_tokens = data.num_tokens();
  card.num_targets = data.num_targets();
  card.data_fingerprint = data.fingerprint();
  card.is_finished = result.is_finished;
  const auto add = [&](const char* name, const std::string& value) {
    card.options.emplace_back(name, value);
  };
  add("optimizer",
      options.optimizer == Optimizer::Muon ? "Muon for matrices, AdamW for the rest" : "AdamW");
  add("peak learning rate", number_text(options.learning_rate));
  add("schedule", "linear warm-up over " + number_text(100 * options.warmup_fraction) +
                      " % of the steps, then a cosine to " +
                      number_text(100 * options.final_fraction) + " % of the peak");
  add("weight decay (matrices)", number_text(options.weight_decay));
  add("gradient clipping", number_text(options.clip_norm));
  add("tokens of a step", std::to_string(options.batches.batch_tokens));
  add("packing", options.batches.packing_length > 0
                     ? "best-fit decreasing into rows of " +
                           std::to_string(options.batches.packing_length) + " tokens"
                     : "documents as they come; every document attends to itself alone");
  add("matrix products", options.precision == Precision::BFloat16 ? "bfloat16" : "float32");
  add("seed", std::to_string(options.batches.seed));
  if (options.lora.is_used()) {
    std::string targets;
    for (const std::string& target : options.lora.target_modules)
      targets += (targets.empty() ? "" : ", ") + target;
    add("LoRA", "rank " + std::to_string(options.lora.rank) + ", alpha " +
                    number_text(options.lora.alpha) +
                    (options.lora.uses_rslora ? ", rank-stabilised" : "") + ", on " + targets);
  }
  card.results.emplace_back(
      "steps", std::to_string(result.num_steps) + " of " + std::to_string(result.total_steps));
  card.results.emplace_back("tokens seen", std::to_string(result.num_tokens));
  card.results.emplace_back("loss, mean of the last 50 steps", number_text(result.final_loss));
  if (result.eval_loss >= 0) {
    card.results.emplace_back("held-out loss", number_text(result.eval_loss));
    card.results.emplace_back("held-out perplexity", number_text(std::exp(result.eval_loss)));
  }
  return to_markdown(card);
}

}  // namespace caco::lm
