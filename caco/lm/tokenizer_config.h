// tokenizer_config.json: what a checkpoint says about its tokenizer besides its vocabulary, and the
// chat templates that lie beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/added_tokens.h"

namespace caco::lm {

// Largest tokenizer.json, vocab.json or merges.txt that is read.
inline constexpr int64_t kMaxTokenizerFileBytes = int64_t{256} << 20;

struct TokenizerConfig {
  std::string tokenizer_class;  // "Qwen2Tokenizer"; empty: not said
  // "bos_token", "eos_token", "pad_token" and so on: the texts that are not null.
  std::map<std::string, std::string> special_tokens;
  std::vector<std::string> additional_special_tokens;
  std::vector<AddedToken> added_tokens;  // of added_tokens_decoder
  std::optional<bool> add_bos_token;
  std::optional<bool> add_eos_token;
  bool add_prefix_space = false;
  // Jinja templates by name; the usual one is "default".
  std::map<std::string, std::string> chat_templates;

  // Reads `directory`/tokenizer_config.json and chat_template.jinja, whose template stands before
  // the configuration's. A file that is not there leaves its part empty. InvalidArgument: not JSON,
  // or a member of another type.
  static Result<TokenizerConfig> load(const std::filesystem::path& directory);

  // Parses the text of a tokenizer_config.json. Pure, thread-safe.
  static Result<TokenizerConfig> from_json(std::string_view text);

  // Returns the text of "bos_token" and the like; empty when there is none.
  std::string special_token(const std::string& name) const;
};

// Returns the added tokens of `directory`/tokenizer.json, whatever kind of tokenizer it describes.
// Errors: a file that cannot be read; InvalidArgument: not JSON, not a list of tokens.
Result<std::vector<AddedToken>> load_added_tokens(const std::filesystem::path& directory);

}  // namespace caco::lm
