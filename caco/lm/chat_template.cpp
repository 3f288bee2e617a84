// Chat messages as the prompt of a model; see chat_template.h.
#include "caco/lm/chat_template.h"

#include <algorithm>
#include <array>
#include <utility>

namespace caco::lm {
namespace {

constexpr std::array<const char*, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};

Error invalid_chat(std::string message, std::string hint = "") {
  return Error{ErrorCode::InvalidArgument, std::move(message), std::move(hint)};
}

// The block of each message between its marks, and an open block of the assistant.
constexpr const char* kChatMl = R"({%- for message in messages %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %})";

// ChatML whose system message is there even if nobody wrote one.
constexpr const char* kQwen25 = R"({%- if messages[0].role != 'system' %}
{{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
{{- '<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %})";

// Qwen3 without thinking: thoughts of earlier turns are left out, the last turn has empty ones.
constexpr const char* kQwen3 = R"({%- set ns = namespace(last=-1) %}
{%- for message in messages %}
{%- if message.role == 'user' %}{%- set ns.last = loop.index0 %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
{%- set content = message.content %}
{%- if message.role == 'assistant' %}
{%- if '</think>' in content %}{%- set content = content.split('</think>')[-1].lstrip('\n') %}
{%- endif %}
{%- if loop.index0 > ns.last and loop.last %}
{%- set content = '<think>\n\n</think>\n\n' + content %}
{%- endif %}
{%- endif %}
{{- '<|im_start|>' + message.role + '\n' + content + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n<think>\n\n</think>\n\n' }}
{%- endif %})";

// Llama 3: headers with the role, contents without white space at their ends.
constexpr const char* kLlama3 = R"({{- '<|begin_of_text|>' }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' }}
{{- message.content | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %})";

// DeepSeek-LLM and DeepSeek-Math: the roles in words, the end of a reply as a token.
constexpr const char* kDeepSeek = R"({{- '<｜begin▁of▁sentence｜>' }}
{%- for message in messages %}
{%- if message.role == 'user' %}{{- 'User: ' + message.content + '\n\n' }}
{%- elif message.role == 'assistant' %}
{{- 'Assistant: ' + message.content + '<｜end▁of▁sentence｜>' }}
{%- else %}{{- message.content + '\n\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- 'Assistant:' }}{%- endif %})";

// Alpaca's headings; no special tokens.
constexpr const char* kAlpaca = R"({%- for message in messages %}
{%- if message.role == 'user' %}{{- '### Instruction:\n' + message.content + '\n\n' }}
{%- elif message.role == 'assistant' %}{{- '### Response:\n' + message.content + '\n\n' }}
{%- else %}{{- message.content + '\n\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '### Response:\n' }}{%- endif %})";

// The contents alone, for models that continue a text.
constexpr const char* kPlain =
    R"({%- for message in messages %}{{- message.content }}{%- endfor %})";

struct Family {
  const char* name;
  const char* source;
};
constexpr std::array<Family, 7> kFamilies = {{{"chatml", kChatMl},
                                              {"qwen2.5", kQwen25},
                                              {"qwen3", kQwen3},
                                              {"llama3", kLlama3},
                                              {"deepseek", kDeepSeek},
                                              {"alpaca", kAlpaca},
                                              {"plain", kPlain}}};

}  // namespace

Json to_json(const std::vector<ChatMessage>& messages) {
  Json list = Json::array();
  for (const ChatMessage& message : messages)
    list.push_back({{"role", message.role}, {"content", message.content}});
  return list;
}

Result<ChatTemplate> ChatTemplate::from_jinja(std::string_view source,
                                              std::map<std::string, std::string> special_tokens) {
  return ChatTemplate(TRY(JinjaTemplate::parse(source)), std::move(special_tokens));
}

Result<ChatTemplate> ChatTemplate::load(const std::filesystem::path& directory,
                                        const std::string& name) {
  TokenizerConfig config = TRY(TokenizerConfig::load(directory));
  const auto found = config.chat_templates.find(name);
  if (found == config.chat_templates.end()) {
    return Error{ErrorCode::NotFound, "no chat template " + name + ": " + directory.string(),
                 "name one of the known families"};
  }
  return from_jinja(found->second, std::move(config.special_tokens));
}

Result<ChatTemplate> ChatTemplate::named(const std::string& family) {
  const std::string source = chat_template_source(family);
  if (!source.empty()) return from_jinja(source, {});
  std::string known;
  for (const std::string& each : chat_template_names())
    known += (known.empty() ? "" : ", ") + each;
  return Error{ErrorCode::NotFound, "no chat template of the family: " + family, "known: " + known};
}

Result<MarkedText> ChatTemplate::render(const Json& messages, const ChatOptions& options) const {
  if (!messages.is_array() || messages.empty())
    return invalid_chat("messages is no list, or empty");
  for (const Json& message : messages) {
    if (!message.is_object() || !message.contains("role"))
      return invalid_chat("message has no role");
  }
  if (!options.variables.is_object())
    return invalid_chat("variables of the template are no object");
  // Later variables replace earlier ones, as keyword arguments do.
  JinjaVariables variables = {{"messages", JinjaValue::from_json(messages)},
                              {"tools", JinjaValue::from_json(options.tools)},
                              {"documents", JinjaNone{}},
                              {"add_generation_prompt", options.add_generation_prompt}};
  for (const auto& [name, text] : special_tokens_)
    variables.emplace_back(name, JinjaValue::trusted(text));
  for (const auto& [name, value] : options.variables.items())
    variables.emplace_back(name, JinjaValue::from_json(value));
  return jinja_.render(variables, options.now);
}

Result<std::vector<int32_t>> ChatTemplate::encode(const Tokenizer& tokenizer, const Json& messages,
                                                  const ChatOptions& options) const {
  const MarkedText text = TRY(render(messages, options));
  return encode_marked_text(tokenizer, text);
}

std::vector<int32_t> encode_marked_text(const Tokenizer& tokenizer, const MarkedText& text) {
  std::vector<TextRange> untrusted;
  for (size_t i = 0; i < text.marks.size();) {
    const size_t begin = text.marks.find(MarkedText::kUntrusted, i);
    if (begin == std::string::npos) break;
    const size_t end = std::min(text.marks.find(MarkedText::kTrusted, begin), text.marks.size());
    untrusted.push_back({begin, end});
    i = end;
  }
  return tokenizer.encode_marked(text.bytes, untrusted);
}

std::vector<std::string> chat_template_names() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies)
    names.emplace_back(family.name);
  return names;
}

std::string chat_template_source(const std::string& family) {
  for (const Family& each : kFamilies) {
    if (family == each.name) return each.source;
  }
  return "";
}

Result<std::vector<int32_t>> render_chat(const Tokenizer& tokenizer,
                                         const std::vector<ChatMessage>& messages) {
  if (!tokenizer.special_id("<|im_start|>") || !tokenizer.special_id("<|im_end|>")) {
    return invalid_chat("model has no chat template",
                        "its tokenizer lacks <|im_start|> or <|im_end|>; use /v1/completions");
  }
  if (messages.empty()) return invalid_chat("messages is empty");
  for (const ChatMessage& message : messages) {
    if (std::find(kRoles.begin(), kRoles.end(), message.role) == kRoles.end()) {
      return invalid_chat("unknown role: " + message.role);
    }
  }
  const ChatTemplate chatml = TRY(ChatTemplate::named("chatml"));
  return chatml.encode(tokenizer, to_json(messages));
}

}  // namespace caco::lm
