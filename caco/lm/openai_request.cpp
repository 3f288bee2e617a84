// Requests of the OpenAI-style interface; see openai_request.h.
#include "caco/lm/openai_request.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/lm/chat_template.h"

namespace caco::lm {
namespace {

constexpr int64_t kDefaultMaxTokens = 16;
constexpr int64_t kUpToContext = std::numeric_limits<int32_t>::max();
constexpr int64_t kMaxReplies = 1024;
constexpr int64_t kMaxPrompts = 1024;
constexpr int64_t kMaxTopLogprobs = 20;
constexpr int64_t kMaxStops = 16;
constexpr size_t kMaxBiases = 1024;
constexpr double kLeastPositive = 1e-9;  // of fields whose range leaves zero out

// What clients know from elsewhere and this server has not got.
constexpr const char* kNotSupported[] = {"suffix",
                                         "prompt_logprobs",
                                         "allowed_token_ids",
                                         "bad_words",
                                         "guided_json",
                                         "guided_regex",
                                         "guided_choice",
                                         "guided_grammar",
                                         "tools",
                                         "functions",
                                         "audio",
                                         "structured_outputs",
                                         "chat_template",
                                         "documents",
                                         "use_beam_search",
                                         "continue_final_message",
                                         "logits_processors"};

void read_seed(FieldReader& fields, uint64_t random_seed, SamplingParams& sampling) {
  sampling.seed = random_seed;
  const Json* seed = fields.find("seed");
  if (seed == nullptr) return;
  if (seed->is_number_unsigned()) {
    sampling.seed = seed->get<uint64_t>();
  } else {
    sampling.seed = static_cast<uint64_t>(fields.integer("seed", 0, INT64_MIN, INT64_MAX));
  }
}

void read_logit_bias(FieldReader& fields, int64_t vocab_size, SamplingParams& sampling) {
  const Json* object = fields.find("logit_bias");
  if (object == nullptr) return;
  if (!object->is_object() || object->size() > kMaxBiases) {
    return fields.fail("logit_bias", "logit_bias is no object of at most " +
                                         std::to_string(kMaxBiases) + " token ids");
  }
  for (const auto& [key, value] : object->items()) {
    int32_t id = -1;
    const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), id);
    const bool is_id = problem == std::errc() && end == key.data() + key.size();
    if (!is_id || id < 0 || id >= vocab_size) {
      return fields.fail("logit_bias", "logit_bias has a key that is no token id: " + key);
    }
    if (!value.is_number() || !(value >= -100 && value <= 100)) {
      return fields.fail(
          "logit_bias", "logit_bias has a value that is not from -100 to 100: " + dump_json(value));
    }
    sampling.logit_bias.push_back({id, value.get<float>()});
  }
}

void read_sampling(FieldReader& fields, const RequestContext& context, SamplingParams& sampling) {
  const SamplingParams& otherwise = context.sampling;
  sampling.temperature = fields.number("temperature", otherwise.temperature, 0, 100);
  sampling.top_p = fields.number("top_p", otherwise.top_p, kLeastPositive, 1);
  sampling.min_p = fields.number("min_p", otherwise.min_p, 0, 1);
  sampling.top_k = std::max<int64_t>(fields.integer("top_k", otherwise.top_k, -1, kUpToContext), 0);
  sampling.presence_penalty = fields.number("presence_penalty", 0, -2, 2);
  sampling.frequency_penalty = fields.number("frequency_penalty", 0, -2, 2);
  sampling.repetition_penalty =
      fields.number("repetition_penalty", otherwise.repetition_penalty, kLeastPositive, 10);
  read_logit_bias(fields, context.tokenizer.vocab_size(), sampling);
  read_seed(fields, context.random_seed, sampling);
}

void check_model(FieldReader& fields, const RequestContext& context) {
  const std::string name = fields.text("model", "");
  if (!name.empty() && name != context.model_name) fields.fail(unknown_model(name));
}

void refuse_what_is_not_implemented(FieldReader& fields, int64_t num_replies) {
  for (const char* key : kNotSupported)
    fields.refuse(key);
  if (fields.integer("best_of", num_replies, 1, kMaxReplies) != num_replies) {
    fields.fail("best_of", "best_of is not supported, unless it is n", "unsupported_parameter");
  }
  const Json* format = fields.find("response_format");
  if (format != nullptr && *format != Json({{"type", "text"}})) {
    fields.fail("response_format", "response_format is not supported, unless its type is text",
                "unsupported_parameter");
  }
}

// Reads the fields that both endpoints have.
void read_shared(FieldReader& fields, const RequestContext& context, OpenAiRequest& request) {
  check_model(fields, context);
  GenerationRequest& generation = request.generation;
  generation.num_replies = fields.integer("n", 1, 1, kMaxReplies);
  refuse_what_is_not_implemented(fields, generation.num_replies);
  read_sampling(fields, context, generation.sampling);
  generation.stop = fields.texts("stop", kMaxStops);
  generation.stop_token_ids = fields.ids("stop_token_ids", context.tokenizer.vocab_size());
  generation.includes_stop = fields.boolean("include_stop_str_in_output", false);
  generation.ignores_end = fields.boolean("ignore_eos", false);
  generation.skips_special_tokens = fields.boolean("skip_special_tokens", true);
  generation.uses_calculator = fields.boolean("calculator", false);
  generation.stops_repetition = fields.boolean("repetition_stop", true);
  generation.is_streamed = fields.boolean("stream", false);
  const Json* options = fields.find("stream_options");
  if (options == nullptr) return;
  if (!options->is_object()) {
    return fields.fail("stream_options", "stream_options is no object");
  }
  if (!generation.is_streamed) {
    return fields.fail("stream_options", "stream_options is given, and stream is not true");
  }
  FieldReader inner(*options);
  request.includes_usage = inner.boolean("include_usage", false);
  if (!inner.ok()) fields.fail("stream_options", inner.error().message);
}

void read_min_tokens(FieldReader& fields, GenerationRequest& generation) {
  generation.min_tokens = fields.integer("min_tokens", 0, 0, kUpToContext);
  if (generation.min_tokens > generation.max_tokens) {
    fields.fail("min_tokens", "min_tokens is above the most tokens of the reply: " +
                                  std::to_string(generation.min_tokens));
  }
}

// Cuts prompts as asked and checks that each leaves room for a reply. `key` holds the prompts.
void fit_prompts(FieldReader& fields, const RequestContext& context, const std::string& key,
                 GenerationRequest& generation) {
  const int64_t most = fields.integer("truncate_prompt_tokens", 0, 1, kUpToContext);
  for (std::vector<int32_t>& prompt : generation.prompts) {
    if (most > 0 && static_cast<int64_t>(prompt.size()) > most) {
      prompt.erase(prompt.begin(), prompt.end() - most);
    }
    if (prompt.empty()) fields.fail(key, key + " is empty");
    const int64_t size = static_cast<int64_t>(prompt.size());
    if (size < context.max_context) continue;
    fields.fail(key,
                "prompt is too long: it has " + std::to_string(size) +
                    " tokens, and this model's maximum context length is " +
                    std::to_string(context.max_context) + " tokens, reply included",
                "context_length_exceeded");
  }
}

std::vector<std::vector<int32_t>> read_prompts(FieldReader& fields, const Tokenizer& tokenizer) {
  std::vector<std::vector<int32_t>> prompts;
  const bool adds_special_tokens = fields.boolean("add_special_tokens", true);
  const Json* prompt = fields.find("prompt");
  if (prompt == nullptr) {
    fields.fail("prompt", "prompt is missing");
    return prompts;
  }
  // One text or one list of ids is a list of one.
  const bool is_one = prompt->is_string() ||
                      (prompt->is_array() && !prompt->empty() && prompt->front().is_number());
  const Json list = is_one ? Json::array({*prompt}) : *prompt;
  if (!list.is_array() || list.empty() || static_cast<int64_t>(list.size()) > kMaxPrompts) {
    fields.fail("prompt",
                "prompt is no text, list of texts, list of ids or list of lists of ids, at most " +
                    std::to_string(kMaxPrompts));
    return prompts;
  }
  for (const Json& item : list) {
    if (item.is_string()) {
      std::vector<int32_t> ids =
          tokenizer.encode(item.get_ref<const std::string&>(), SpecialTokens::Parse);
      if (adds_special_tokens) ids = tokenizer.with_special_tokens(std::move(ids));
      prompts.push_back(std::move(ids));
    } else if (item.is_array()) {
      prompts.push_back(fields.ids_of("prompt", item, tokenizer.vocab_size()));
    } else {
      fields.fail("prompt", "prompt has an item that is neither text nor ids: " + dump_json(item));
    }
  }
  return prompts;
}

// A message's content is a text, or a list of parts of the type text.
std::string read_content(FieldReader& fields, const Json& message) {
  const auto content = message.find("content");
  if (content == message.end() || content->is_null()) return "";
  if (content->is_string()) return content->get<std::string>();
  std::string text;
  bool is_text = content->is_array();
  for (const Json& part : *content) {
    const bool is_part = is_text && part.is_object() && part.value("type", Json()) == "text" &&
                         part.contains("text") && part["text"].is_string();
    is_text = is_text && is_part;
    if (is_part) text += part["text"].get_ref<const std::string&>();
  }
  if (!is_text) fields.fail("messages", "content of a message is no text and no list of texts");
  return text;
}

std::vector<ChatMessage> read_messages(FieldReader& fields) {
  std::vector<ChatMessage> messages;
  const Json* list = fields.find("messages");
  if (list == nullptr || !list->is_array()) {
    fields.fail("messages", "messages is missing or no list");
    return messages;
  }
  constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool"};
  for (const Json& item : *list) {
    if (!item.is_object() || !item.value("role", Json()).is_string()) {
      fields.fail("messages", "messages has an item without a role: " + dump_json(item));
      break;
    }
    ChatMessage message;
    message.role = item["role"].get<std::string>();
    if (std::find(std::begin(kRoles), std::end(kRoles), message.role) == std::end(kRoles)) {
      fields.fail("messages", "messages has an unknown role: " + message.role);
    }
    message.content = read_content(fields, item);
    messages.push_back(std::move(message));
  }
  return messages;
}

// Returns the prompt that asks for the next message.
std::vector<int32_t> render_messages(FieldReader& fields, const RequestContext& context,
                                     const std::vector<ChatMessage>& messages) {
  ChatOptions options;
  options.add_generation_prompt = fields.boolean("add_generation_prompt", true);
  const Json* variables = fields.find("chat_template_kwargs");
  if (variables != nullptr && variables->is_object()) options.variables = *variables;
  if (variables != nullptr && !variables->is_object()) {
    fields.fail("chat_template_kwargs", "chat_template_kwargs is no object");
  }
  if (context.chat_template == nullptr) {
    if (variables != nullptr) fields.refuse("chat_template_kwargs");
    if (!options.add_generation_prompt) {
      fields.fail("add_generation_prompt", "add_generation_prompt is not supported",
                  "unsupported_parameter");
    }
  }
  if (messages.empty()) fields.fail("messages", "messages is empty");
  if (!fields.ok()) return {};
  Result<std::vector<int32_t>> prompt =
      context.chat_template == nullptr
          ? render_chat(context.tokenizer, messages)
          : context.chat_template->encode(context.tokenizer, to_json(messages), options);
  if (prompt.ok()) return std::move(prompt).value();
  fields.fail("messages", to_string(prompt.error()));
  return {};
}

}  // namespace

OpenAiRequest read_completion_request(FieldReader& fields, const RequestContext& context) {
  OpenAiRequest request;
  read_shared(fields, context, request);
  GenerationRequest& generation = request.generation;
  request.echoes_prompt = fields.boolean("echo", false);
  const Json* logprobs = fields.find("logprobs");
  if (logprobs != nullptr && *logprobs != Json(false)) {
    generation.sampling.num_top_logprobs = fields.integer("logprobs", 0, 0, kMaxTopLogprobs);
    generation.sampling.wants_logprobs = true;
    generation.wants_prompt_logprobs = request.echoes_prompt;
  }
  // Without a reply, only the chances of the prompt's own tokens can be asked for.
  const int64_t least = generation.wants_prompt_logprobs ? 0 : 1;
  generation.max_tokens = fields.integer("max_tokens", kDefaultMaxTokens, least, kUpToContext);
  read_min_tokens(fields, generation);
  if (!fields.ok()) return request;
  generation.prompts = read_prompts(fields, context.tokenizer);
  fit_prompts(fields, context, "prompt", generation);
  return request;
}

OpenAiRequest read_chat_request(FieldReader& fields, const RequestContext& context) {
  OpenAiRequest request;
  request.is_chat = true;
  read_shared(fields, context, request);
  GenerationRequest& generation = request.generation;
  generation.max_tokens = fields.integer("max_tokens", kUpToContext, 1, kUpToContext);
  generation.max_tokens =
      fields.integer("max_completion_tokens", generation.max_tokens, 1, kUpToContext);
  read_min_tokens(fields, generation);
  generation.sampling.wants_logprobs = fields.boolean("logprobs", false);
  generation.sampling.num_top_logprobs = fields.integer("top_logprobs", 0, 0, kMaxTopLogprobs);
  if (generation.sampling.num_top_logprobs > 0 && !generation.sampling.wants_logprobs) {
    fields.fail("top_logprobs", "top_logprobs is given, and logprobs is not true");
  }
  const std::vector<ChatMessage> messages = read_messages(fields);
  if (!fields.ok()) return request;
  generation.prompts = {render_messages(fields, context, messages)};
  fit_prompts(fields, context, "messages", generation);
  return request;
}

}  // namespace caco::lm
