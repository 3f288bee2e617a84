// The regular expressions of tokenizer.json: written in the dialect of Oniguruma, run by PCRE2.
//
// The two dialects agree on most of what split patterns use and differ quietly on some of it (\s,
// \w, \h, \v, `$`, `{,n}`, scripts, inline options, classes in classes). compile() therefore reads
// the expression, rewrites what means something else in PCRE2, and refuses what it does not know.
// The library checks the syntax of the rest.
//
// Immutable after construction; find may be called from several threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "caco/base/result.h"

namespace caco::lm {

// Returns `pattern` in PCRE2's dialect, to be compiled with UTF, UCP and MULTILINE, newline LF.
// InvalidArgument: a construct outside the part on which the two agree, with its position.
Result<std::string> translate_oniguruma(std::string_view pattern);

// Returns an expression that matches `text` and nothing else.
std::string escape_regex(std::string_view text);

class TokenizerRegex {
 public:
  struct Match {
    size_t begin = 0;
    size_t end = 0;
  };

  // InvalidArgument: what translate_oniguruma or PCRE2 refuses, with the reason and position.
  static Result<TokenizerRegex> compile(std::string_view oniguruma);

  TokenizerRegex(TokenizerRegex&&) noexcept;
  TokenizerRegex& operator=(TokenizerRegex&&) noexcept;
  ~TokenizerRegex();

  // Finds the first match at or after byte `from`; false when there is none. Bytes that are not
  // UTF-8 match nothing. An expression that takes more than kMaxRegexSteps steps at one place (none
  // of the known ones can) matches nothing from there on.
  bool find(std::string_view text, size_t from, Match& match) const;

  // Calls `take(match)` for each match from left to right. An empty match directly behind another
  // match is passed over, as Oniguruma's iterator in the format's own library does.
  template <typename Take>
  void for_each_match(std::string_view text, const Take& take) const {
    size_t from = 0;
    size_t last_end = text.size() + 1;  // no match yet
    Match match;
    while (from <= text.size() && find(text, from, match)) {
      if (match.begin == match.end && match.end == last_end) {
        from = next_character(text, from);
        continue;
      }
      from = last_end = match.end;
      take(match);
    }
  }

 private:
  class Code;

  explicit TokenizerRegex(std::unique_ptr<const Code> code);
  static size_t next_character(std::string_view text, size_t position);

  std::unique_ptr<const Code> code_;
};

}  // namespace caco::lm
