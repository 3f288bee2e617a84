// What the rules of extraction share: marks around an answer, groups, sentences.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace caco {

inline constexpr size_t kNotFound = std::string_view::npos;

struct Delimiters {
  std::string_view open;
  std::string_view close;
};
inline constexpr std::array kMathDelimiters = {Delimiters{"$$", "$$"}, Delimiters{"$", "$"},
                                               Delimiters{"\\(", "\\)"}, Delimiters{"\\[", "\\]"}};

// Returns the text without marks around it and punctuation at its ends. A lone `$` stays, since it
// is a currency, and so does the factorial sign inside mathematics.
std::string_view tidy_answer(std::string_view text, bool is_maths = false);

// Returns the text with ASCII letters in lower case; every byte keeps its place.
std::string lower_ascii(std::string_view text);

// Returns where a word stands last, starting at `from` or before; npos for nowhere. Faster than
// rfind, which compares at every place.
size_t find_last(std::string_view text, std::string_view word,
                 size_t from = std::string_view::npos);

// Returns whether a percent sign or word stands at the start, behind the end of mathematics.
bool starts_with_percent(std::string_view text);

// Returns the length of the group that starts at text[0] == '{', braces included; npos when it
// never closes. `\{` and `\}` do not count.
size_t group_length(std::string_view text);

// Returns where a sentence that begins with an answer ends: at the line's end, at a full stop
// before a blank, or where it goes on in words ("24, because ...").
size_t sentence_length(std::string_view text);

}  // namespace caco
