#include "caco/lm/turn_template.h"

#include <algorithm>
#include <array>
#include <utility>

#include "caco/base/file.h"
#include "caco/lm/chat_template.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxTemplateBytes = 1 << 20;

TurnTemplate chatml() {
  TurnTemplate format;
  format.name = "chatml";
  format.system = {"<|im_start|>system\n", "<|im_end|>\n"};
  format.user = {"<|im_start|>user\n", "<|im_end|>\n"};
  format.tool = {"<|im_start|>tool\n", "<|im_end|>\n"};
  format.assistant = {"<|im_start|>assistant\n", "\n"};
  format.end = "<|im_end|>";
  return format;
}

// The generator of the Caco paper: the user's turn stays open and the completion continues it.
TurnTemplate open_user() {
  TurnTemplate format;
  format.name = "open-user";
  format.default_system = "You are a helpful assistant.";
  format.system = {"<|im_start|>system\n", "<|im_end|>\n"};
  format.user = {"<|im_start|>user\n", ""};
  format.tool = {"<|im_start|>tool\n", ""};
  format.end = "<|im_end|>";
  format.separator = "\n";
  return format;
}

// The downstream models of the Caco paper.
TurnTemplate alpaca() {
  TurnTemplate format;
  format.name = "alpaca";
  format.system = {"", "\n\n"};
  format.user = {"### Instruction:\n", "\n\n"};
  format.tool = {"### Input:\n", "\n\n"};
  format.assistant = {"### Response:\n", ""};
  format.separator = "\n\n";
  return format;
}

TurnTemplate llama3() {
  TurnTemplate format;
  format.name = "llama3";
  format.begin = "<|begin_of_text|>";
  const auto header = [](const char* role) {
    return "<|start_header_id|>" + std::string(role) + "<|end_header_id|>\n\n";
  };
  format.system = {header("system"), "<|eot_id|>"};
  format.user = {header("user"), "<|eot_id|>"};
  format.tool = {header("ipython"), "<|eot_id|>"};
  format.assistant = {header("assistant"), ""};
  format.end = "<|eot_id|>";
  return format;
}

constexpr std::array<TurnTemplate (*)(), 4> kTemplates = {chatml, open_user, alpaca, llama3};

Error unknown_field(const std::string& path, const std::string& field) {
  return Error{ErrorCode::InvalidArgument, path + ": unknown field of a template: " + field,
               "the fields are begin, default_system, separator, end, system, user, tool, "
               "assistant; the last four have prefix and suffix"};
}

Result<TurnFormat> read_turn_format(const Json& json, const std::string& role,
                                    const std::string& path) {
  const auto found = json.find(role);
  if (found == json.end()) return TurnFormat{};
  if (!found->is_object()) {
    return Error{ErrorCode::InvalidArgument, path + ": not an object: " + role, ""};
  }
  for (const auto& [field, value] : found->items()) {
    if (field != "prefix" && field != "suffix") return unknown_field(path, role + "." + field);
  }
  return TurnFormat{TRY(read_string(*found, "prefix")), TRY(read_string(*found, "suffix"))};
}

Result<TurnTemplate> read_template_file(const std::string& path) {
  const std::string text = TRY(read_file(path, kMaxTemplateBytes));
  const Json json = TRY(parse_json(text));
  if (!json.is_object()) {
    return Error{ErrorCode::InvalidArgument, path + ": the template is not an object", ""};
  }
  constexpr std::array<std::string_view, 8> kFields = {
      "begin", "default_system", "separator", "end", "system", "user", "tool", "assistant"};
  for (const auto& [field, value] : json.items()) {
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) {
      return unknown_field(path, field);
    }
  }
  TurnTemplate format;
  format.name = path;
  format.begin = TRY(read_string(json, "begin"));
  format.default_system = TRY(read_string(json, "default_system"));
  format.separator = TRY(read_string(json, "separator"));
  format.end = TRY(read_string(json, "end"));
  format.system = TRY(read_turn_format(json, "system", path));
  format.user = TRY(read_turn_format(json, "user", path));
  format.tool = TRY(read_turn_format(json, "tool", path));
  format.assistant = TRY(read_turn_format(json, "assistant", path));
  return format;
}

void add_trusted(const std::string& text, MarkedText& marked) {
  marked.append(MarkedText::make(text, /*is_trusted=*/true));
}

void add_turn(const TurnFormat& format, const std::string& content, MarkedText& marked) {
  add_trusted(format.prefix, marked);
  marked.append(MarkedText::make(content, /*is_trusted=*/false));
  add_trusted(format.suffix, marked);
}

const TurnFormat* format_of(const TurnTemplate& format, const std::string& role) {
  if (role == "system" || role == "developer") return &format.system;
  if (role == "user") return &format.user;
  if (role == "tool") return &format.tool;
  return role == "assistant" ? &format.assistant : nullptr;
}

// A string literal of Jinja.
std::string jinja_string(std::string_view text) {
  std::string literal = "'";
  for (const char byte : text) {
    if (byte == '\n') {
      literal += "\\n";
    } else {
      if (byte == '\'' || byte == '\\') literal += '\\';
      literal += byte;
    }
  }
  return literal + "'";
}

}  // namespace

std::string turn_template_names() {
  std::string names;
  for (TurnTemplate (*make)() : kTemplates)
    names += (names.empty() ? "" : ", ") + make().name;
  return names;
}

Result<TurnTemplate> find_turn_template(const std::string& name_or_path) {
  if (name_or_path.ends_with(".json")) return read_template_file(name_or_path);
  for (TurnTemplate (*make)() : kTemplates) {
    if (make().name == name_or_path) return make();
  }
  return Error{ErrorCode::NotFound, "no template of this name: " + name_or_path,
               "there are " + turn_template_names() + ", or the path of a .json file"};
}

void LabelledTokens::add(const std::vector<int32_t>& ids, bool is_learned) {
  tokens.insert(tokens.end(), ids.begin(), ids.end());
  is_target.resize(tokens.size(), is_learned ? 1 : 0);
}

Result<LabelledTokens> render_turns(const Tokenizer& tokenizer, const TurnTemplate& format,
                                    const std::vector<Turn>& turns, int32_t eos_id) {
  std::vector<int32_t> end = tokenizer.encode(format.end, SpecialTokens::Parse);
  if (end.empty() && eos_id >= 0) end.push_back(eos_id);
  if (end.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "neither the template nor the model says what ends a turn: " + format.name,
                 "give the template an \"end\", or the model's config an eos_token_id"};
  }
  LabelledTokens record;
  MarkedText marked = MarkedText::make(format.begin, /*is_trusted=*/true);
  const bool has_system =
      !turns.empty() && (turns[0].role == "system" || turns[0].role == "developer");
  if (!has_system && !format.default_system.empty()) {
    add_turn(format.system, format.default_system, marked);
  }
  for (size_t i = 0; i < turns.size(); ++i) {
    const Turn& turn = turns[i];
    const TurnFormat* around = format_of(format, turn.role);
    if (around == nullptr) {
      return Error{ErrorCode::InvalidArgument, "unknown role: " + turn.role,
                   "the roles are system, developer, user, assistant and tool"};
    }
    if (turn.role != "assistant") {
      add_turn(*around, turn.content, marked);
      continue;
    }
    add_trusted(around->prefix, marked);
    record.add(encode_marked_text(tokenizer, marked), false);
    record.add(tokenizer.encode(turn.content, SpecialTokens::Ignore), turn.is_learned);
    record.add(end, turn.is_learned);
    marked = {};
    // Nothing that follows the last turn could matter.
    if (i + 1 < turns.size()) add_trusted(around->suffix + format.separator, marked);
  }
  if (!marked.bytes.empty()) record.add(encode_marked_text(tokenizer, marked), false);
  return record;
}

std::string to_jinja(const TurnTemplate& format, std::string_view eos_text) {
  const std::string end = format.end.empty() ? std::string(eos_text) : format.end;
  const auto turn = [](const TurnFormat& around) {
    return "{{ " + jinja_string(around.prefix) + " + message['content'] + " +
           jinja_string(around.suffix) + " }}";
  };
  std::string text;
  if (!format.begin.empty()) text += "{{ " + jinja_string(format.begin) + " }}";
  if (!format.default_system.empty()) {
    text += "{% if messages[0]['role'] not in ['system', 'developer'] %}{{ " +
            jinja_string(format.system.prefix + format.default_system + format.system.suffix) +
            " }}{% endif %}";
  }
  text += "{% for message in messages %}";
  text += "{% if message['role'] in ['system', 'developer'] %}" + turn(format.system);
  text += "{% elif message['role'] == 'tool' %}" + turn(format.tool);
  text += "{% elif message['role'] == 'assistant' %}" +
          turn({format.assistant.prefix, end + format.assistant.suffix});
  if (!format.separator.empty()) {
    text += "{% if not loop.last %}{{ " + jinja_string(format.separator) + " }}{% endif %}";
  }
  text += "{% else %}" + turn(format.user) + "{% endif %}{% endfor %}";
  if (!format.assistant.prefix.empty()) {
    text += "{% if add_generation_prompt %}{{ " + jinja_string(format.assistant.prefix) +
            " }}{% endif %}";
  }
  return text;
}

}  // namespace caco::lm
