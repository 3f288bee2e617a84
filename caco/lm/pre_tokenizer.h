// Cuts text into words before BPE: the `pre_tokenizer` part of tokenizer.json.
//
// Merges never cross the border of a word, so these rules decide what a token can be. A rule cuts
// the pieces that the rule before it left: Split, Digits, Punctuation and WhitespaceSplit by an
// expression (what happens to the matches is the rule's behaviour), ByteLevel by adding a space,
// by GPT-2's expression, and by spelling the bytes in the byte alphabet, which is what rules behind
// it see. A byte-level model needs exactly one ByteLevel. Known expressions have hand-written
// scanners; all others run in PCRE2.
//
// Immutable after construction; split may be called from several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/split_scanner.h"

namespace caco::lm {

class PreTokenizer {
 public:
  // Compiles one expression a stage, with the matches isolated, and ByteLevel behind them.
  // InvalidArgument: an expression that is refused, with the reason and its position.
  static Result<PreTokenizer> create(const std::vector<std::string>& patterns);

  // Reads the `pre_tokenizer` object of tokenizer.json. InvalidArgument names what is not
  // implemented, and a missing or second ByteLevel.
  static Result<PreTokenizer> from_json(const Json& json);

  PreTokenizer(PreTokenizer&&) noexcept;
  PreTokenizer& operator=(PreTokenizer&&) noexcept;
  ~PreTokenizer();

  // Calls `take` with each piece of `text` in order: bytes, not their spelling. The pieces put
  // together are `text`, unless a rule removes matches or adds a space. Bytes that are not UTF-8
  // match no expression. A piece is valid during the call.
  using Take = std::function<void(std::string_view piece)>;
  void split(std::string_view text, const Take& take) const;

  // Returns the object that from_json reads.
  const Json& to_json() const { return json_; }

  // Number of stages whose expression has a scanner, and of all that have one; for inspection.
  int64_t num_scanners() const;
  int64_t num_expressions() const;

 private:
  class Stage;
  class Reader;

  PreTokenizer();

  void split_stage(size_t index, std::string_view text, bool is_valid, const Take& take) const;
  void cut(size_t index, std::string_view text, bool is_valid, const Take& take) const;

  std::vector<std::unique_ptr<const Stage>> stages_;
  Json json_;
};

}  // namespace caco::lm
