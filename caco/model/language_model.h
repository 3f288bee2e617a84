// LanguageModel: the one interface to every model. To the engine a model is an endpoint; a local
// checkpoint is one too (model/local_server.h starts `caco-lm serve` for it).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "caco/base/result.h"

namespace caco {

struct Message {
  std::string role;  // system, user, assistant
  std::string content;
};

// Every sampling field is always sent, so that a server's own defaults never leak in.
struct ModelRequest {
  std::string prompt;             // raw completion; used when `messages` is empty
  std::vector<Message> messages;  // chat completion
  int64_t num_choices = 1;        // `n`
  int64_t max_tokens = 512;
  double temperature = 0;
  double top_p = 1;
  int64_t top_k = 0;  // 0 = off; an extension of local servers
  double min_p = 0;   // likewise
  std::vector<std::string> stop;
  uint64_t seed = 0;
  bool calculator = false;  // caco-lm fills in the result after `<<EXPR=`; not sent when false
};

struct ModelChoice {
  std::string text;
  std::string finish_reason;  // "stop", "length", ...
};

struct ModelReply {
  std::vector<ModelChoice> choices;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
};

// Told of one answered request: its index in the call and its reply.
using ReplyObserver = std::function<void(size_t index, const ModelReply& reply)>;

class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  // Answers all requests, several at a time, and returns the replies in the order of the requests.
  // An Error means that the endpoint cannot be used (dead, refused, out of quota) and says what to
  // do; a bad request of a single sample (too long a prompt) is a reply without choices.
  // Thread-safe.
  virtual Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) = 0;

  // As complete(), and tells `observer` of each reply as soon as it is there, one at a time, from
  // any thread; also of those that came before an Error ended the call. The journal saves them.
  virtual Result<std::vector<ModelReply>> complete_observed(std::span<const ModelRequest> requests,
                                                            const ReplyObserver& observer) {
    std::vector<ModelReply> replies = TRY(complete(requests));
    for (size_t i = 0; i < replies.size(); ++i)
      observer(i, replies[i]);
    return replies;
  }

  // What goes into receipts: the model's name or the hash of its checkpoint. Never an address or a
  // key.
  virtual std::string identity() const = 0;
};

}  // namespace caco
