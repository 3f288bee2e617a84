#include "caco/stages/model_calls.h"

#include "caco/base/hash.h"

namespace caco {

uint64_t request_seed(const ModelCalls& calls, std::string_view sample_id,
                      std::string_view purpose) {
  std::string key = std::to_string(calls.seed);
  key += '\n';
  key += sample_id;
  key += '\n';
  key += purpose;
  return hash_64(key) >> 11;
}

bool is_truncated(const ModelChoice& choice) {
  return choice.finish_reason == "length";
}

std::string input_repr(const Execution& execution) {
  std::string text = "{";
  for (const auto& [name, repr] : execution.inputs) {
    if (text.size() > 1) text += ", ";
    text += '\'';
    for (const char c : name) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "': " + repr;
  }
  return text + "}";
}

std::string printed_output(const Execution& execution) {
  return execution.output_value.is_string() ? execution.output_value.get<std::string>()
                                            : execution.output_repr;
}

std::string make_fingerprint(std::string_view name, int64_t version, const OptionFields& fields,
                             const std::vector<std::string>& more) {
  std::string text = std::string(name) + " v" + std::to_string(version) + "\n" +
                     dump_json(options_to_json(fields, /*only_affecting=*/true));
  for (const std::string& part : more)
    text += "\n" + part;
  return text;
}

}  // namespace caco
