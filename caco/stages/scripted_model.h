// A model for tests: it answers from a script, in the order in which requests come, and remembers
// what it was asked. Thread-safe, but only meaningful when one thread asks.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "caco/model/language_model.h"

namespace caco {

class ScriptedModel final : public LanguageModel {
 public:
  // One choice of the script; a refusal is a reply without choices to the whole request.
  struct Line {
    std::string text;
    std::string finish_reason = "stop";
    bool is_refusal = false;
  };

  explicit ScriptedModel(std::vector<Line> script) : script_(script.begin(), script.end()) {}

  Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<ModelReply> replies;
    for (const ModelRequest& request : requests) {
      requests_.push_back(request);
      ModelReply& reply = replies.emplace_back();
      for (int64_t i = 0; i < request.num_choices; ++i) {
        if (script_.empty())
          return Error{ErrorCode::NotFound, "the script has no more replies", ""};
        const Line line = script_.front();
        script_.pop_front();
        if (line.is_refusal) break;
        reply.choices.push_back({line.text, line.finish_reason});
      }
    }
    return replies;
  }

  std::string identity() const override { return "scripted"; }

  const std::vector<ModelRequest>& requests() const { return requests_; }
  size_t num_left() const { return script_.size(); }

 private:
  std::mutex mutex_;
  std::deque<Line> script_;
  std::vector<ModelRequest> requests_;
};

}  // namespace caco
