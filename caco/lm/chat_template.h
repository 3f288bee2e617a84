// Chat messages as the prompt of a model.
//
// A template is a Jinja text: the model's own (`chat_template` of tokenizer_config.json, or
// chat_template.jinja), or one of the known families by name. Rendering gives what transformers'
// apply_chat_template gives. Encoding places special tokens only where the template wrote them, so
// that no message can end its turn or open another.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/jinja.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/tokenizer_config.h"

namespace caco::lm {

struct ChatMessage {
  std::string role;  // system, developer, user, assistant, tool
  std::string content;
};

// Returns the messages as the list of objects that templates read.
Json to_json(const std::vector<ChatMessage>& messages);

struct ChatOptions {
  bool add_generation_prompt = true;  // opens the assistant's turn
  Json tools;                         // null: none
  Json variables = Json::object();    // others that the template reads: {"enable_thinking": false}
  std::optional<std::time_t> now;     // what a template takes for today; the current time without
};

class ChatTemplate {
 public:
  // Parses a Jinja text; `special_tokens` are the texts behind bos_token and the like.
  // InvalidArgument: what is not Jinja or not supported, with the line.
  static Result<ChatTemplate> from_jinja(std::string_view source,
                                         std::map<std::string, std::string> special_tokens);

  // Reads the template of a checkpoint. NotFound: it has none of this name.
  static Result<ChatTemplate> load(const std::filesystem::path& directory,
                                   const std::string& name = "default");

  // Returns a known family's: one of chat_template_names(). NotFound: another name.
  static Result<ChatTemplate> named(const std::string& family);

  // Returns the text for `messages`, a list of objects with role and content. InvalidArgument: no
  // list or an empty one, or messages that the template refuses.
  Result<MarkedText> render(const Json& messages, const ChatOptions& options = {}) const;

  // Returns the ids of the rendered text. The template writes begin-of-text itself where it wants
  // it: nothing is added.
  Result<std::vector<int32_t>> encode(const Tokenizer& tokenizer, const Json& messages,
                                      const ChatOptions& options = {}) const;

 private:
  ChatTemplate(JinjaTemplate jinja, std::map<std::string, std::string> special_tokens)
      : jinja_(std::move(jinja)), special_tokens_(std::move(special_tokens)) {}

  JinjaTemplate jinja_;
  std::map<std::string, std::string> special_tokens_;
};

// The families that named() knows.
std::vector<std::string> chat_template_names();

// Returns the Jinja text of a known family; empty for another name.
std::string chat_template_source(const std::string& family);

// Returns the ids of a marked text: special tokens are parsed in its trusted part alone.
std::vector<int32_t> encode_marked_text(const Tokenizer& tokenizer, const MarkedText& text);

// Returns the ChatML prompt that asks for the assistant's next message. InvalidArgument: no
// messages, an unknown role, a tokenizer without the marks.
Result<std::vector<int32_t>> render_chat(const Tokenizer& tokenizer,
                                         const std::vector<ChatMessage>& messages);

}  // namespace caco::lm
