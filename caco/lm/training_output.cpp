#include "caco/lm/training_output.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/base/log.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/tokenizer_config.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderPrefix = "checkpoint-";
constexpr std::string_view kUnfinishedPrefix = ".checkpoint-";  // of temporary_path_for
constexpr const char* kTokenizerConfig = "tokenizer_config.json";
constexpr const char* kTemplateFile = "chat_template.jinja";

struct Saved {
  int64_t step = 0;
  fs::path folder;
};

// The checkpoint folders of an output, the latest first.
std::vector<Saved> checkpoint_folders(const fs::path& output) {
  std::vector<Saved> found;
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(output, problem)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kFolderPrefix)) continue;
    Saved saved;
    saved.folder = entry.path();
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kFolderPrefix.size(), end, saved.step);
    if (error == std::errc() && stop == end) found.push_back(std::move(saved));
  }
  std::sort(found.begin(), found.end(),
            [](const Saved& a, const Saved& b) { return a.step > b.step; });
  return found;
}

Result<Json> read_json(const fs::path& path) {
  const std::string text = TRY(read_file(path));
  return parse_json(text);
}

// The text of the token with this id, from the folder's tokenizer.json; empty when it is no added
// token.
Result<std::string> added_token_text(const fs::path& folder, int64_t id) {
  for (const AddedToken& token : TRY(load_added_tokens(folder))) {
    if (token.id == id) return token.content;
  }
  return std::string();
}

}  // namespace

// Servers stop at the tokenizer's eos and render its chat template, so both must be those of the
// training: a base model's own would let replies run on. Before the weights, which take their time:
// a kill then should not leave the base's.
Result<void> TrainingOutput::write_tokenizer(const std::string& directory) const {
  TRY(make_folders(directory));
  TRY(copy_tokenizer(options_.tokenizer_directory, directory));
  const fs::path folder(directory);
  if (!fs::exists(folder / "tokenizer.json")) return {};
  Json json = Json::object();
  if (fs::exists(folder / kTokenizerConfig)) {
    json = TRY(read_json(folder / kTokenizerConfig));
    if (!json.is_object()) {
      return Error{ErrorCode::InvalidArgument,
                   "not an object: " + (folder / kTokenizerConfig).string(), ""};
    }
  }
  const Json before = json;
  if (!config_.eos_token_ids.empty()) {
    const std::string eos = TRY(added_token_text(folder, config_.eos_token_ids.front()));
    if (!eos.empty()) json["eos_token"] = eos;
  }
  if (!options_.chat_template.empty()) {
    json["chat_template"] = options_.chat_template;
    if (fs::exists(folder / kTemplateFile)) {
      TRY(write_file_atomic(folder / kTemplateFile, options_.chat_template));
    }
  }
  if (json == before) return {};
  return write_file_atomic(folder / kTokenizerConfig, dump_json_pretty(json));
}

Result<void> TrainingOutput::write_model(const std::string& directory,
                                         std::span<const float> model_parameters,
                                         const std::string& card) const {
  TRY(write_tokenizer(directory));
  SaveOptions save;
  save.dtype = DType::BF16;
  save.model_card = card;
  if (options_.generation.has_value()) {
    save.generation = inherited_generation_config(*options_.generation, config_);
  }
  return save_checkpoint(directory, config_, unflatten_weights(layout_, model_parameters), save);
}

Result<void> TrainingOutput::write_adapter(const std::string& directory, const TrainingState& state,
                                           const std::string& card) const {
  TRY(write_tokenizer(directory));
  if (!card.empty()) TRY(write_file_atomic(fs::path(directory) / "README.md", card));
  return write_lora_adapter(directory,
                            lora_->to_adapter(state.parameters, options_.lora, options_.lora_base));
}

Result<void> TrainingOutput::save_into(const std::string& directory, const TrainingState& state,
                                       std::span<const float> model_parameters,
                                       const std::string& card) const {
  if (lora_ == nullptr) {
    TRY(write_model(directory, model_parameters, card));
  } else if (options_.merges_lora) {
    TRY(write_adapter((fs::path(directory) / "adapter").string(), state, ""));
    TRY(write_model(directory, model_parameters, card));
  } else {
    TRY(write_adapter(directory, state, card));
  }
  return save_training_state(training_state_path(directory), state);
}

Result<void> TrainingOutput::save(const TrainingState& state,
                                  std::span<const float> model_parameters,
                                  const std::string& card) const {
  return save_into(options_.output_directory, state, model_parameters, card);
}

Result<void> TrainingOutput::save_checkpoint_folder(const TrainingState& state,
                                                    std::span<const float> model_parameters,
                                                    const std::string& card) const {
  const fs::path output(options_.output_directory);
  std::string name(kFolderPrefix);
  name += std::to_string(state.step);
  const fs::path final_path = output / name;
  const fs::path temporary = temporary_path_for(final_path);
  std::error_code ignored;  // what stays shows when it is published
  fs::remove_all(temporary, ignored);
  TRY(save_into(temporary.string(), state, model_parameters, card));
  fs::remove_all(final_path, ignored);
  TRY(publish_path(temporary, final_path));
  const std::vector<Saved> folders = checkpoint_folders(output);
  const size_t kept = static_cast<size_t>(options_.save_total_limit);
  for (size_t i = kept; options_.save_total_limit > 0 && i < folders.size(); ++i) {
    fs::remove_all(folders[i].folder, ignored);
  }
  return {};
}

void TrainingOutput::remove_leftovers() const {
  std::vector<fs::path> leftovers;
  std::error_code problem;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(options_.output_directory, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kUnfinishedPrefix)) leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers)
    fs::remove_all(path, problem);
}

Result<std::optional<TrainingState>> TrainingOutput::latest_state(
    const std::string& identity) const {
  const fs::path output(options_.output_directory);
  std::vector<Saved> places = checkpoint_folders(output);
  if (fs::exists(training_state_path(output.string()))) {
    const Result<int64_t> step = read_training_step(training_state_path(output.string()));
    places.push_back({step.ok() ? step.value() : 0, output});
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Saved& a, const Saved& b) { return a.step > b.step; });
  std::optional<Error> damage;
  for (const Saved& place : places) {
    const std::string path = training_state_path(place.folder.string());
    Result<TrainingState> state = load_training_state(path);
    if (!state.ok()) {
      log_message(LogLevel::Warning, "passed over: " + to_string(state.error()));
      damage = state.error();
      continue;
    }
    if (state.value().identity != identity) {
      return Error{
          ErrorCode::InvalidArgument,
          "the training state belongs to a run with other data or options: " + path,
          "give the options of that run, --device and --threads too, or another --output, or "
          "remove the file"};
    }
    return std::optional<TrainingState>(std::move(state).value());
  }
  if (damage.has_value()) return *damage;
  return std::optional<TrainingState>();
}

}  // namespace caco::lm
