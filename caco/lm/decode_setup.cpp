// What decoding needs of a model directory; see decode_setup.h.
#include "caco/lm/decode_setup.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "caco/lm/decode_model.h"
#include "caco/lm/tokenizer_config.h"

namespace caco::lm {
namespace {

// The tokenizer's own end, which is another one than the configuration's in some checkpoints.
Result<void> add_tokenizer_end(const std::string& directory, const Tokenizer& tokenizer,
                               ModelConfig& config) {
  const TokenizerConfig tokenizer_config = TRY(TokenizerConfig::load(directory));
  const std::string text = tokenizer_config.special_token("eos_token");
  const std::vector<int32_t> ids = tokenizer.encode(text, SpecialTokens::Parse);
  if (ids.size() != 1) return {};  // no token, but a text: nothing to stop at
  std::vector<int64_t>& ends = config.eos_token_ids;
  if (std::find(ends.begin(), ends.end(), ids[0]) == ends.end()) ends.push_back(ids[0]);
  return {};
}

}  // namespace

void apply_generation_config(const GenerationConfig& config, SamplingParams& sampling) {
  sampling.temperature = config.temperature.value_or(sampling.temperature);
  sampling.top_p = config.top_p.value_or(sampling.top_p);
  if (config.top_k.has_value()) sampling.top_k = *config.top_k == -1 ? 0 : *config.top_k;
  sampling.min_p = config.min_p.value_or(sampling.min_p);
  sampling.repetition_penalty = config.repetition_penalty.value_or(sampling.repetition_penalty);
}

std::string describe_sampling(const SamplingParams& sampling) {
  const SamplingParams neutral;
  std::string text;
  const auto add = [&](const char* name, double value, double otherwise) {
    if (value == otherwise) return;
    char number[32];
    std::snprintf(number, sizeof(number), "%.6g", value);
    text.append(text.empty() ? "" : ", ").append(name).append(" ").append(number);
  };
  add("temperature", sampling.temperature, neutral.temperature);
  add("top_p", sampling.top_p, neutral.top_p);
  add("top_k", static_cast<double>(sampling.top_k), static_cast<double>(neutral.top_k));
  add("min_p", sampling.min_p, neutral.min_p);
  add("repetition_penalty", sampling.repetition_penalty, neutral.repetition_penalty);
  return text;
}

Result<DecodeSetup> load_for_decoding(const std::string& directory, SamplingSource source,
                                      const DecodeBackendFactory& make_backend) {
  Tokenizer tokenizer = TRY(Tokenizer::load(directory));
  Checkpoint checkpoint = TRY(load_checkpoint(directory));
  TRY(add_tokenizer_end(directory, tokenizer, checkpoint.config));
  SamplingParams sampling;
  if (source == SamplingSource::Model && checkpoint.generation.has_value()) {
    apply_generation_config(*checkpoint.generation, sampling);
    const Status usable = check_sampling(sampling);
    if (!usable.ok()) {
      return Error{ErrorCode::InvalidArgument,
                   usable.error().message + ": " + directory + "/generation_config.json",
                   "correct it, or pass --generation-config none"};
    }
  }
  std::unique_ptr<DecodeBackend> model;
  if (make_backend) {
    model = TRY(make_backend(checkpoint));
  } else {
    model = std::make_unique<DecodeModel>(TRY(DecodeModel::create(checkpoint)));
  }
  return DecodeSetup{std::move(tokenizer), std::move(model), std::move(sampling)};
}

}  // namespace caco::lm
