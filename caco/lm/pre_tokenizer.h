// Cuts text into words before BPE: the `pre_tokenizer` part of tokenizer.json.
//
// Merges never cross the border of a word, so these rules decide what a token can be. A rule is a
// regular expression; each one cuts the pieces that the rule before it left, and what lies between
// two matches is a piece too ("Isolated" in the format's language). The expressions need
// look-ahead and Unicode classes, which PCRE2 with JIT has and std::regex has not.
//
// Immutable after construction; split may be called from several threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

// The expressions of two known families. Qwen2's keeps every digit apart, and is this project's
// default: numbers are then read digit by digit and arithmetic is regular.
extern const char* const kGpt2SplitPattern;
extern const char* const kQwen2SplitPattern;

class PreTokenizer {
 public:
  // Compiles one expression a stage. InvalidArgument: an expression that PCRE2 refuses, with its
  // message and position.
  static Result<PreTokenizer> create(const std::vector<std::string>& patterns);

  // Reads the `pre_tokenizer` object of tokenizer.json: ByteLevel, Split (by Regex, Isolated) and
  // Sequences of them. InvalidArgument names anything else.
  static Result<PreTokenizer> from_json(const Json& json);

  PreTokenizer(PreTokenizer&&) noexcept;
  PreTokenizer& operator=(PreTokenizer&&) noexcept;
  ~PreTokenizer();

  // Calls `take` with each piece of `text` in order; the pieces put together are `text`. Bytes that
  // are not UTF-8 match no expression and become pieces of their own.
  using Take = std::function<void(std::string_view piece)>;
  void split(std::string_view text, const Take& take) const;

  // Returns the object that from_json reads.
  Json to_json() const;

 private:
  class Pattern;

  PreTokenizer();

  void split_stage(size_t stage, std::string_view text, const Take& take) const;

  std::vector<std::unique_ptr<const Pattern>> stages_;
};

}  // namespace caco::lm
