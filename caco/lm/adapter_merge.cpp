#include "caco/lm/adapter_merge.h"

#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "caco/lm/checkpoint.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/tokenizer_config.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

Result<DType> dtype_of(const std::string& name) {
  static const std::map<std::string, DType> kTypes = {
      {"float32", DType::F32}, {"float16", DType::F16}, {"bfloat16", DType::BF16}};
  const auto found = kTypes.find(name);
  if (found != kTypes.end()) return found->second;
  return Error{ErrorCode::InvalidArgument, "cannot write weights as " + name,
               "choose one with --dtype"};
}

std::string merged_model_card(const LoraAdapter& adapter) {
  const std::string& base = adapter.config.base_model_name_or_path;
  std::string card = "---\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n";
  card.append("# A model with a merged adapter\n\nBase: ")
      .append(base.empty() ? "not named" : base);
  card.append(". The adapter changes ").append(std::to_string(adapter.pairs.size()));
  card.append(" weights (LoRA, rank ").append(std::to_string(adapter.config.r));
  return card.append("); merged in float32 with `caco-lm merge`.\n");
}

bool has_whole_tokenizer(const fs::path& folder) {
  const bool is_pair = fs::exists(folder / "vocab.json") && fs::exists(folder / "merges.txt");
  return fs::exists(folder / "tokenizer_config.json") &&
         (is_pair || fs::exists(folder / "tokenizer.json"));
}

// The id of the token that the folder's tokenizer names as the end; nothing when it names none, or
// none of its added tokens.
Result<std::optional<int64_t>> end_id_of(const fs::path& folder) {
  const TokenizerConfig config = TRY(TokenizerConfig::load(folder));
  std::vector<AddedToken> tokens = config.added_tokens;
  if (fs::exists(folder / "tokenizer.json")) {
    for (AddedToken& token : TRY(load_added_tokens(folder)))
      tokens.push_back(std::move(token));
  }
  const std::string end = config.special_token("eos_token");
  for (const AddedToken& token : tokens) {
    if (!end.empty() && token.content == end) return std::optional<int64_t>(token.id);
  }
  return std::optional<int64_t>();
}

// Puts the end of the folder's tokenizer before the model's.
Result<void> take_end(const fs::path& folder, Checkpoint& checkpoint) {
  Result<std::optional<int64_t>> end = end_id_of(folder);
  if (!end.ok()) {
    Error error = end.error();
    error.message += ": " + folder.string();
    return error;
  }
  if (!end.value().has_value()) return {};
  const int64_t id = *end.value();
  ModelConfig& config = checkpoint.config;
  if (id >= config.vocab_size) {
    return Error{ErrorCode::InvalidArgument,
                 "the end of the adapter's tokenizer is no id of the model: " + std::to_string(id) +
                     ": " + folder.string(),
                 ""};
  }
  std::erase(config.eos_token_ids, id);
  config.eos_token_ids.insert(config.eos_token_ids.begin(), id);
  if (checkpoint.generation.has_value()) {
    checkpoint.generation = inherited_generation_config(*checkpoint.generation, config);
  }
  return {};
}

}  // namespace

Result<MergeResult> merge_checkpoint(const MergeOptions& options) {
  Checkpoint checkpoint = TRY(load_checkpoint(options.model));
  const LoraAdapter adapter = TRY(read_lora_adapter(options.adapter));
  TRY(merge_adapter(checkpoint.weights, adapter));
  MergeResult result;
  result.num_weights = static_cast<int64_t>(adapter.pairs.size());
  result.dtype = options.dtype.empty() ? checkpoint.config.torch_dtype : options.dtype;
  const bool is_own = has_whole_tokenizer(options.adapter);
  if (is_own) TRY(take_end(options.adapter, checkpoint));
  result.tokenizer = is_own ? options.adapter : options.model;
  SaveOptions save;
  save.dtype = TRY(dtype_of(result.dtype));
  save.tokenizer_directory = result.tokenizer;
  save.model_card = merged_model_card(adapter);
  save.max_shard_bytes = options.max_shard_bytes;
  save.generation = checkpoint.generation;
  TRY(save_checkpoint(options.output, checkpoint.config, checkpoint.weights, save));
  return result;
}

}  // namespace caco::lm
