#include "caco/lm/training_state.h"

#include <filesystem>
#include <string_view>

#include "caco/base/hash.h"
#include "caco/base/json.h"
#include "caco/lm/safetensors.h"

namespace caco::lm {
namespace {

std::string checksum_of(const TrainingState& state) {
  const auto bytes = [](const std::vector<float>& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(float));
  };
  return hash_hex_of({bytes(state.parameters), bytes(state.moment1), bytes(state.moment2)});
}

Result<Json> read_facts(const SafetensorsFile& file, const std::string& path) {
  const auto found = file.header().metadata.find("training_state");
  if (found == file.header().metadata.end()) {
    return Error{ErrorCode::InvalidArgument, "not a training state: " + path, ""};
  }
  return parse_json(found->second);
}

}  // namespace

std::string training_state_path(const std::string& output_directory) {
  return (std::filesystem::path(output_directory) / "training_state.safetensors").string();
}

Result<void> save_training_state(const std::string& path, const TrainingState& state) {
  const std::vector<int64_t> shape = {static_cast<int64_t>(state.parameters.size())};
  Json json = Json::object();
  json["step"] = state.step;
  json["num_tokens"] = state.num_tokens;
  json["seconds"] = state.seconds;
  if (state.eval_loss >= 0) json["eval_loss"] = state.eval_loss;
  json["identity"] = state.identity;
  json["checksum"] = checksum_of(state);
  json["recent_losses"] = state.recent_losses;
  return write_safetensors(path,
                           {{"parameters", shape, state.parameters},
                            {"moment1", shape, state.moment1},
                            {"moment2", shape, state.moment2}},
                           DType::F32, {{"training_state", dump_json(json)}});
}

Result<TrainingState> load_training_state(const std::string& path) {
  const SafetensorsFile file = TRY(SafetensorsFile::open(path));
  const Json json = TRY(read_facts(file, path));
  TrainingState state;
  state.step = TRY(read_int(json, "step"));
  state.num_tokens = TRY(read_int(json, "num_tokens"));
  state.seconds = TRY(read_double(json, "seconds"));
  state.eval_loss = TRY(read_double(json, "eval_loss", -1));
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
  if (TRY(read_string(json, "checksum", checksum_of(state))) != checksum_of(state)) {
    return Error{ErrorCode::DataLoss, "the checksum of the training state is wrong: " + path,
                 "remove the file; the checkpoint before it is used then"};
  }
  return state;
}

Result<int64_t> read_training_step(const std::string& path) {
  const SafetensorsFile file = TRY(SafetensorsFile::open(path));
  return read_int(TRY(read_facts(file, path)), "step");
}

}  // namespace caco::lm
