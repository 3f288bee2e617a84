// Requests of the OpenAI-style interface; see openai_request.h.
#include "caco/lm/openai_request.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/chat_template.h"

namespace caco::lm {
namespace {

constexpr int64_t kDefaultMaxTokens = 16;
constexpr int64_t kMaxReplies = 1024;
constexpr int64_t kMaxPrompts = 1024;
constexpr int64_t kMaxTopLogprobs = 20;
constexpr int64_t kMaxStops = 16;

Error invalid(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

// Returns the member, or nullptr when it is absent or null.
const Json* find(const Json& object, const std::string& key) {
  const auto member = object.find(key);
  return member == object.end() || member->is_null() ? nullptr : &*member;
}

Result<std::vector<int32_t>> read_ids(const Json& list, const std::string& key) {
  std::vector<int32_t> ids;
  for (const Json& item : list) {
    const bool is_id =
        item.is_number_integer() && item >= 0 && item <= std::numeric_limits<int32_t>::max();
    if (!is_id) return invalid(key + " has an item that is no token id: " + dump_json(item));
    ids.push_back(item.get<int32_t>());
  }
  return ids;
}

Result<std::vector<std::vector<int32_t>>> read_prompts(const Json& body,
                                                       const Tokenizer& tokenizer) {
  const Json* prompt = find(body, "prompt");
  if (prompt == nullptr) return invalid("prompt is missing");
  std::vector<std::vector<int32_t>> prompts;
  // One text or one list of ids is a list of one.
  const bool is_one = prompt->is_string() || (prompt->is_array() && !prompt->empty() &&
                                              prompt->front().is_number_integer());
  const Json list = is_one ? Json::array({*prompt}) : *prompt;
  if (!list.is_array() || static_cast<int64_t>(list.size()) > kMaxPrompts) {
    return invalid("prompt is no text, list of texts, list of ids or list of lists of ids");
  }
  for (const Json& item : list) {
    if (item.is_string()) {
      prompts.push_back(tokenizer.encode(item.get<std::string>(), SpecialTokens::Parse));
    } else if (item.is_array()) {
      prompts.push_back(TRY(read_ids(item, "prompt")));
    } else {
      return invalid("prompt has an item that is neither text nor ids: " + dump_json(item));
    }
  }
  return prompts;
}

Result<std::vector<std::string>> read_stops(const Json& body) {
  std::vector<std::string> stops;
  const Json* stop = find(body, "stop");
  if (stop == nullptr) return stops;
  const Json list = stop->is_string() ? Json::array({*stop}) : *stop;
  if (!list.is_array() || static_cast<int64_t>(list.size()) > kMaxStops) {
    return invalid("stop is no text and no list of at most " + std::to_string(kMaxStops));
  }
  for (const Json& item : list) {
    if (!item.is_string()) return invalid("stop has an item that is no text: " + dump_json(item));
    if (!item.get<std::string>().empty()) stops.push_back(item.get<std::string>());
  }
  return stops;
}

// The penalties and the logit bias are known to clients and not implemented: only neutral values
// pass, because ignoring another value would change replies without a word.
Status refuse_what_is_not_implemented(const Json& body) {
  struct Row {
    const char* key;
    double neutral;
  };
  for (const Row& row : {Row{"presence_penalty", 0}, Row{"frequency_penalty", 0},
                         Row{"repetition_penalty", 1}, Row{"min_tokens", 0}}) {
    if (TRY(read_double(body, row.key, row.neutral)) != row.neutral) {
      return invalid(std::string(row.key) + " is not supported");
    }
  }
  const Json* bias = find(body, "logit_bias");
  if (bias != nullptr && !bias->empty()) return invalid("logit_bias is not supported");
  const Json* suffix = find(body, "suffix");
  if (suffix != nullptr && *suffix != "") return invalid("suffix is not supported");
  const int64_t num_replies = TRY(read_int(body, "n", 1));
  if (TRY(read_int(body, "best_of", num_replies)) != num_replies) {
    return invalid("best_of is not supported");
  }
  return {};
}

// Reads the fields that both endpoints have.
Status read_shared(const Json& body, uint64_t random_seed, OpenAiRequest& request) {
  TRY(refuse_what_is_not_implemented(body));
  GenerationRequest& generation = request.generation;
  generation.num_replies = TRY(read_int(body, "n", 1));
  if (generation.num_replies < 1 || generation.num_replies > kMaxReplies) {
    return invalid("n is not from 1 to " + std::to_string(kMaxReplies));
  }
  SamplingParams& sampling = generation.sampling;
  sampling.temperature = TRY(read_double(body, "temperature", 1.0));
  sampling.top_p = TRY(read_double(body, "top_p", 1.0));
  sampling.min_p = TRY(read_double(body, "min_p", 0.0));
  sampling.top_k = TRY(read_int(body, "top_k", 0));
  if (sampling.top_k == -1) sampling.top_k = 0;
  sampling.seed = random_seed;
  if (const Json* seed = find(body, "seed")) {
    if (!seed->is_number_integer()) return invalid("seed is no integer: " + dump_json(*seed));
    sampling.seed = seed->is_number_unsigned() ? seed->get<uint64_t>()
                                               : static_cast<uint64_t>(seed->get<int64_t>());
  }
  generation.stop = TRY(read_stops(body));
  if (const Json* ids = find(body, "stop_token_ids")) {
    if (!ids->is_array()) return invalid("stop_token_ids is no list");
    generation.stop_token_ids = TRY(read_ids(*ids, "stop_token_ids"));
  }
  generation.uses_calculator = TRY(read_bool(body, "calculator", false));
  generation.stops_repetition = TRY(read_bool(body, "repetition_stop", true));
  generation.is_streamed = TRY(read_bool(body, "stream", false));
  if (const Json* options = find(body, "stream_options")) {
    if (!options->is_object()) return invalid("stream_options is no object");
    request.includes_usage = TRY(read_bool(*options, "include_usage", false));
  }
  return {};
}

Status set_top_logprobs(int64_t count, SamplingParams& sampling) {
  if (count < 0 || count > kMaxTopLogprobs) {
    return invalid("number of logprobs is not from 0 to " + std::to_string(kMaxTopLogprobs));
  }
  sampling.wants_logprobs = true;
  sampling.num_top_logprobs = count;
  return {};
}

// A message's content is a text, or a list of parts of the type text.
Result<std::string> read_content(const Json& message) {
  const Json* content = find(message, "content");
  if (content == nullptr) return std::string();
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) return invalid("content of a message is no text");
  std::string text;
  for (const Json& part : *content) {
    if (!part.is_object() || part.value("type", "") != "text") {
      return invalid("content of a message has a part that is no text");
    }
    text += TRY(read_string(part, "text"));
  }
  return text;
}

Result<std::vector<ChatMessage>> read_messages(const Json& body) {
  const Json* list = find(body, "messages");
  if (list == nullptr || !list->is_array()) return invalid("messages is missing or no list");
  std::vector<ChatMessage> messages;
  for (const Json& item : *list) {
    if (!item.is_object()) return invalid("message is no object: " + dump_json(item));
    const std::string role = TRY(read_string(item, "role"));
    std::string content = TRY(read_content(item));
    messages.push_back({role, std::move(content)});
  }
  return messages;
}

}  // namespace

Result<OpenAiRequest> read_completion_request(const Json& body, const Tokenizer& tokenizer,
                                              uint64_t random_seed) {
  if (!body.is_object()) return invalid("body is no JSON object");
  OpenAiRequest request;
  TRY(read_shared(body, random_seed, request));
  request.generation.prompts = TRY(read_prompts(body, tokenizer));
  request.generation.max_tokens = TRY(read_int(body, "max_tokens", kDefaultMaxTokens));
  request.echoes_prompt = TRY(read_bool(body, "echo", false));
  const Json* logprobs = find(body, "logprobs");
  if (logprobs != nullptr && *logprobs != false) {
    const int64_t count = TRY(read_int(body, "logprobs"));
    TRY(set_top_logprobs(count, request.generation.sampling));
    if (request.echoes_prompt) return invalid("echo with logprobs is not supported");
  }
  return request;
}

Result<OpenAiRequest> read_chat_request(const Json& body, const Tokenizer& tokenizer,
                                        uint64_t random_seed) {
  if (!body.is_object()) return invalid("body is no JSON object");
  OpenAiRequest request;
  request.is_chat = true;
  TRY(read_shared(body, random_seed, request));
  const std::vector<ChatMessage> messages = TRY(read_messages(body));
  request.generation.prompts = {TRY(render_chat(tokenizer, messages))};
  constexpr int64_t kUpToContext = std::numeric_limits<int32_t>::max();
  const int64_t max_tokens = TRY(read_int(body, "max_tokens", kUpToContext));
  request.generation.max_tokens = TRY(read_int(body, "max_completion_tokens", max_tokens));
  if (TRY(read_bool(body, "logprobs", false))) {
    const int64_t count = TRY(read_int(body, "top_logprobs", 0));
    TRY(set_top_logprobs(count, request.generation.sampling));
  }
  return request;
}

}  // namespace caco::lm
