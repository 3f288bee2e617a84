// Rewrites text before it is cut into words: the `normalizer` part of tokenizer.json.
//
// Kinds: NFC, NFD, Lowercase, Strip, Prepend, Replace (String or Regex), and Sequences of them;
// anything else is an error that names it. Bytes that are not UTF-8 are kept as they are: the text
// on either side of them is rewritten by itself.
//
// Immutable after construction; apply may be called from several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

class Normalizer {
 public:
  // The normalizer that changes nothing, written as null.
  Normalizer();

  // Reads the `normalizer` member of tokenizer.json; null changes nothing.
  static Result<Normalizer> from_json(const Json& json);

  Normalizer(Normalizer&&) noexcept;
  Normalizer& operator=(Normalizer&&) noexcept;
  ~Normalizer();

  bool is_identity() const { return steps_.empty(); }

  // Returns the rewritten text.
  std::string apply(std::string_view text) const;

  const Json& to_json() const { return json_; }

 private:
  class Step;

  Status read(const Json& json, int nesting);
  static Result<Step> read_step(const std::string& type, const Json& json);

  std::vector<std::unique_ptr<const Step>> steps_;
  Json json_;
};

}  // namespace caco::lm
