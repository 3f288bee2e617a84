#include "caco/lm/training_state.h"

#include <charconv>
#include <filesystem>

#include "caco/base/json.h"
#include "caco/lm/safetensors.h"

namespace caco::lm {

std::string training_state_path(const std::string& output_directory) {
  return (std::filesystem::path(output_directory) / "training_state.safetensors").string();
}

Result<void> save_training_state(const std::string& path, const TrainingState& state) {
  const std::vector<int64_t> shape = {static_cast<int64_t>(state.parameters.size())};
  Json json = Json::object();
  json["step"] = state.step;
  json["num_tokens"] = state.num_tokens;
  json["seconds"] = state.seconds;
  json["identity"] = state.identity;
  json["recent_losses"] = state.recent_losses;
  return write_safetensors(path,
                           {{"parameters", shape, state.parameters},
                            {"moment1", shape, state.moment1},
                            {"moment2", shape, state.moment2}},
                           DType::F32, {{"training_state", dump_json(json)}});
}

Result<TrainingState> load_training_state(const std::string& path) {
  const SafetensorsFile file = TRY(SafetensorsFile::open(path));
  const auto found = file.header().metadata.find("training_state");
  if (found == file.header().metadata.end()) {
    return Error{ErrorCode::InvalidArgument, "not a training state: " + path, ""};
  }
  const Json json = TRY(parse_json(found->second));
  TrainingState state;
  state.step = TRY(read_int(json, "step"));
  state.num_tokens = TRY(read_int(json, "num_tokens"));
  state.seconds = TRY(read_double(json, "seconds"));
  state.identity = TRY(read_string(json, "identity"));
  const auto losses = json.find("recent_losses");
  if (losses != json.end() && losses->is_array()) {
    for (const Json& loss : *losses) {
      if (loss.is_number()) state.recent_losses.push_back(loss.get<double>());
    }
  }
  state.parameters = TRY(file.read_float("parameters"));
  state.moment1 = TRY(file.read_float("moment1"));
  state.moment2 = TRY(file.read_float("moment2"));
  const size_t size = state.parameters.size();
  if (state.step < 0 || state.moment1.size() != size || state.moment2.size() != size) {
    return Error{ErrorCode::InvalidArgument, "damaged training state: " + path, ""};
  }
  return state;
}

}  // namespace caco::lm
