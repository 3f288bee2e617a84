// tokenizer_config.json; see tokenizer_config.h.
#include "caco/lm/tokenizer_config.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxConfigBytes = int64_t{64} << 20;

Error invalid_config(const std::string& message) {
  return Error{ErrorCode::InvalidArgument, "tokenizer_config.json: " + message, ""};
}

// A special token is written as its text or as an object with "content".
Result<std::string> read_token_text(const std::string& key, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return read_string(value, "content");
  return invalid_config("not a token: " + key);
}

Result<AddedToken> read_added_token(const std::string& id_text, const Json& value) {
  AddedToken added;
  const char* end = id_text.data() + id_text.size();
  const auto [stop, error] = std::from_chars(id_text.data(), end, added.id);
  if (error != std::errc() || stop != end || added.id < 0 || !value.is_object()) {
    return invalid_config("not an added token: " + id_text);
  }
  added.content = TRY(read_string(value, "content"));
  added.is_special = TRY(read_bool(value, "special"));
  added.single_word = TRY(read_bool(value, "single_word"));
  added.strips_left = TRY(read_bool(value, "lstrip"));
  added.strips_right = TRY(read_bool(value, "rstrip"));
  added.normalized = TRY(read_bool(value, "normalized"));
  return added;
}

Status read_templates(const Json& value, TokenizerConfig& config) {
  if (value.is_string()) {
    config.chat_templates["default"] = value.get<std::string>();
    return {};
  }
  if (!value.is_array()) return invalid_config("chat_template is neither a text nor a list");
  for (const Json& each : value) {
    if (!each.is_object()) return invalid_config("chat_template in the list is not an object");
    const std::string name = TRY(read_string(each, "name"));
    config.chat_templates[name] = TRY(read_string(each, "template"));
  }
  return {};
}

Status read_member(const std::string& key, const Json& value, TokenizerConfig& config) {
  if (value.is_null()) return {};
  if (key == "chat_template") return read_templates(value, config);
  if (key == "added_tokens_decoder") {
    if (!value.is_object()) return invalid_config("added_tokens_decoder is not an object");
    for (const auto& [id, token] : value.items()) {
      AddedToken added = TRY(read_added_token(id, token));
      config.added_tokens.push_back(std::move(added));
    }
    return {};
  }
  if (key == "additional_special_tokens" && value.is_array()) {
    for (const Json& token : value) {
      std::string text = TRY(read_token_text(key, token));
      config.additional_special_tokens.push_back(std::move(text));
    }
    return {};
  }
  const bool is_flag = key == "add_bos_token" || key == "add_eos_token";
  if (!is_flag && key.ends_with("_token")) {
    config.special_tokens[key] = TRY(read_token_text(key, value));
  }
  return {};
}

Result<std::optional<bool>> read_flag(const Json& document, const std::string& key) {
  if (!document.contains(key) || document[key].is_null()) return std::optional<bool>();
  return std::optional<bool>(TRY(read_bool(document, key)));
}

}  // namespace

Result<TokenizerConfig> TokenizerConfig::from_json(std::string_view text) {
  const Json document = TRY(parse_json(text));
  if (!document.is_object()) return invalid_config("not an object");
  TokenizerConfig config;
  for (const auto& [key, value] : document.items())
    TRY(read_member(key, value, config));
  config.tokenizer_class = TRY(read_string(document, "tokenizer_class"));
  config.add_prefix_space = TRY(read_bool(document, "add_prefix_space"));
  config.add_bos_token = TRY(read_flag(document, "add_bos_token"));
  config.add_eos_token = TRY(read_flag(document, "add_eos_token"));
  return config;
}

Result<TokenizerConfig> TokenizerConfig::load(const std::filesystem::path& directory) {
  TokenizerConfig config;
  const Result<std::string> text = read_file(directory / "tokenizer_config.json", kMaxConfigBytes);
  if (text.ok()) {
    config = TRY(from_json(text.value()));
  } else if (text.error().code != ErrorCode::NotFound) {
    return text.error();
  }
  const Result<std::string> own = read_file(directory / "chat_template.jinja", kMaxConfigBytes);
  if (own.ok()) {
    config.chat_templates["default"] = own.value();
  } else if (own.error().code != ErrorCode::NotFound) {
    return own.error();
  }
  return config;
}

std::string TokenizerConfig::special_token(const std::string& name) const {
  const auto found = special_tokens.find(name);
  return found == special_tokens.end() ? std::string() : found->second;
}

}  // namespace caco::lm
