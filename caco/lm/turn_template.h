// The text around the turns of a training record: templates of any shape.
//
// A template is a prefix and a suffix for every role, and what ends an assistant's turn. That is
// enough for ChatML, Alpaca and Llama 3, and for prompts that are no conversation at all: the
// template of Caco's generator leaves the user's turn open, so that the model learns to continue
// it. The texts of a template are trusted, so their special tokens are parsed; the contents of a
// record never are. Plain data and pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

class Tokenizer;

struct TurnFormat {
  std::string prefix;
  std::string suffix;
};

struct TurnTemplate {
  std::string name;
  std::string begin;           // before the first turn
  std::string default_system;  // the system turn of a record without one; empty: none
  TurnFormat system;
  TurnFormat user;
  TurnFormat tool;
  TurnFormat assistant;   // its suffix follows `end` and is not learned
  std::string end;        // ends an assistant's turn and is learned; empty: the model's eos
  std::string separator;  // between an assistant's turn and the next one
};

// The names that find_turn_template knows, for help and errors: "chatml, ...".
std::string turn_template_names();

// Returns the built-in template of that name, or the one of a JSON file when `name_or_path` ends
// in ".json": {"begin", "default_system", "separator", "end", "system": {"prefix", "suffix"},
// "user": {...}, "tool": {...}, "assistant": {...}}, each field optional. Errors: NotFound for an
// unknown name, a file that cannot be read; InvalidArgument for an unknown or mistyped field.
Result<TurnTemplate> find_turn_template(const std::string& name_or_path);

struct Turn {
  std::string role;  // system, developer, user, assistant, tool
  std::string content;
  bool is_learned = false;  // assistant's turns only
};

// Token ids, and which of them the loss counts. Both have the same length.
struct LabelledTokens {
  std::vector<int32_t> tokens;
  std::vector<char> is_target;

  void add(const std::vector<int32_t>& ids, bool is_learned);
};

// Returns the turns as token ids. The content of a learned turn and its end are targets; all else
// is not. What is learned and what is not are tokenized apart, so that the loss begins exactly at
// the turn's first token. `eos_id` ends the assistant's turns of a template without an end.
// InvalidArgument: an unknown role, no end and no eos id.
Result<LabelledTokens> render_turns(const Tokenizer& tokenizer, const TurnTemplate& format,
                                    const std::vector<Turn>& turns, int32_t eos_id);

// Returns the template as the `chat_template` (Jinja) of tokenizer_config.json, so that a server
// renders the same text that was trained on.
std::string to_jinja(const TurnTemplate& format, std::string_view eos_text);

}  // namespace caco::lm
