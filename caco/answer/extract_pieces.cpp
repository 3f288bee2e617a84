#include "caco/answer/extract_pieces.h"

#include <cstdint>

#include "caco/answer/clean_text.h"

namespace caco {
namespace {

bool is_final_mark(std::string_view text, bool is_maths) {
  const char last = text.back();
  if (last == '!' && is_maths) return false;
  if (std::string_view(".,;:!?").find(last) == kNotFound) return false;
  return !text.ends_with("\\!") && !text.ends_with("\\,") && !text.ends_with("\\;");
}

}  // namespace

std::string_view tidy_answer(std::string_view text, bool is_maths) {
  for (int i = 0; i < 8; ++i) {
    const size_t size_before = text.size();
    text = trim(text);
    for (const std::string_view mark : {"**", "__", "`"}) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size());
      if (text.ends_with(mark)) text.remove_suffix(mark.size());
    }
    for (const Delimiters& math : kMathDelimiters) {
      if (text.size() > math.open.size() + math.close.size() && text.starts_with(math.open) &&
          text.ends_with(math.close)) {
        const std::string_view inner =
            text.substr(math.open.size(), text.size() - math.open.size() - math.close.size());
        if (find_mark(inner, math.close, 0) != kNotFound) continue;
        text = inner;
        is_maths = true;
      }
    }
    while (!text.empty() && (text.front() == ':' || text.front() == '='))
      text.remove_prefix(1);
    while (!text.empty() && is_final_mark(text, is_maths))
      text.remove_suffix(1);
    if (text.size() == size_before) break;
  }
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

size_t find_last(std::string_view text, std::string_view word, size_t from) {
  size_t at = text.rfind(word[0], from);
  while (at != kNotFound && !text.substr(at).starts_with(word))
    at = at == 0 ? kNotFound : text.rfind(word[0], at - 1);
  return at;
}

bool starts_with_percent(std::string_view text) {
  const size_t at = text.find_first_not_of(" $)]\\}");
  if (at == kNotFound) return false;
  for (const std::string_view word : {"%", "percent", "per cent", "pct"}) {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with(word)) continue;
    return rest.size() == word.size() || !is_letter(rest[word.size()]);
  }
  return false;
}

size_t group_length(std::string_view text) {
  int64_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return kNotFound;
}

size_t sentence_length(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kReasons = {
      " because", " since", " (because", " (since", " (as ", " (which", " (rounded"};
  static constexpr std::array<std::string_view, 9> kAfterComma = {
      " because", " since", " which", " so ", " as ", " where", " for ", " that is", " i.e"};
  const bool is_yes_or_no = text.starts_with("Yes,") || text.starts_with("No,") ||
                            text.starts_with("yes,") || text.starts_with("no,");
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    const std::string_view rest = text.substr(i);
    if (text[i] == ' ' && i > 0) {
      for (const std::string_view word : kReasons) {
        if (rest.starts_with(word)) return i;
      }
    }
    const bool before_blank = i + 1 == text.size() || is_space(text[i + 1]);
    if (!before_blank) continue;
    // "9 a.m. on Monday": a full stop after a single letter ends no sentence.
    const bool is_abbreviation = i >= 2 && is_ascii_letter(text[i - 1]) && text[i - 2] == '.';
    if ((text[i] == '.' && !is_abbreviation) || text[i] == '!' || text[i] == '?') return i;
    if (text[i] != ',') continue;
    if (is_yes_or_no) return i;
    for (const std::string_view word : kAfterComma) {
      if (rest.substr(1).starts_with(word)) return i;
    }
  }
  return text.size();
}

}  // namespace caco
