// Extraction tries its rules from the most explicit to the least, each in linear scans: \boxed,
// <answer>, ####, "the answer is", last number.
//
// A solution whose last \boxed{ never closes was cut off: it has no answer, and no earlier box is
// taken in its place.
#include "caco/answer/extract.h"

#include <algorithm>
#include <array>
#include <optional>

#include "caco/answer/answer.h"
#include "caco/answer/clean_text.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

// Phrases with nothing after them are passed over, this many at the most.
constexpr int kMaxPhrasesTried = 8;

constexpr size_t kNone = std::string_view::npos;

struct Delimiters {
  std::string_view open;
  std::string_view close;
};
constexpr std::array kMathDelimiters = {Delimiters{"$$", "$$"}, Delimiters{"$", "$"},
                                        Delimiters{"\\(", "\\)"}, Delimiters{"\\[", "\\]"}};

// Takes off marks around an answer and punctuation at its ends. A lone `$` stays: it is a currency.
std::string_view tidy(std::string_view text) {
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
        if (find_mark(inner, math.close, 0) == kNone) text = inner;
      }
    }
    while (!text.empty() && (text.front() == ':' || text.front() == '='))
      text.remove_prefix(1);
    while (!text.empty() && std::string_view(".,;:!?").find(text.back()) != kNone &&
           !text.ends_with("\\!") && !text.ends_with("\\,") && !text.ends_with("\\;")) {
      text.remove_suffix(1);
    }
    if (text.size() == size_before) break;
  }
  return text;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Returns the length of the group that starts at text[0] == '{', braces included; npos when it
// never closes. `\{` and `\}` do not count.
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
  return kNone;
}

// The last \boxed{...} or \fbox{...} that holds something.
std::optional<ExtractedAnswer> find_box(std::string_view text) {
  static constexpr std::array<std::string_view, 2> kBoxes = {"\\boxed", "\\fbox"};
  std::array<size_t, 2> found = {text.rfind(kBoxes[0]), text.rfind(kBoxes[1])};
  bool saw_empty = false;
  while (found[0] != kNone || found[1] != kNone) {
    const size_t which = found[0] == kNone || (found[1] != kNone && found[1] > found[0]) ? 1 : 0;
    const size_t start = found[which];
    size_t open = start + kBoxes[which].size();
    while (open < text.size() && is_space(text[open]))
      ++open;
    found[which] = start == 0 ? kNone : text.rfind(kBoxes[which], start - 1);
    if (open >= text.size() || text[open] != '{') continue;
    const size_t length = group_length(text.substr(open));
    if (length == kNone) return ExtractedAnswer{"", "boxed"};
    const std::string_view inside = tidy(text.substr(open + 1, length - 2));
    if (!inside.empty()) return ExtractedAnswer{std::string(inside), "boxed"};
    saw_empty = true;
  }
  if (saw_empty) return ExtractedAnswer{"", "boxed"};
  return std::nullopt;
}

std::optional<ExtractedAnswer> find_tag(std::string_view text, std::string_view lower) {
  const size_t open = lower.rfind("<answer>");
  if (open == kNone) return std::nullopt;
  const size_t start = open + 8;
  const size_t close = lower.find("</answer>", start);
  if (close == kNone) return std::nullopt;
  const std::string_view inside = tidy(text.substr(start, close - start));
  if (inside.empty()) return std::nullopt;
  return ExtractedAnswer{std::string(inside), "tag"};
}

std::optional<ExtractedAnswer> find_hashes(std::string_view text) {
  const size_t marks = text.rfind("####");
  if (marks == kNone) return std::nullopt;
  std::string_view line = text.substr(marks + 4);
  line = tidy(line.substr(0, line.find('\n')));
  if (line.empty()) return std::nullopt;
  return ExtractedAnswer{std::string(line), "hashes"};
}

// Returns where a sentence that begins with an answer ends: at the line's end, at a full stop
// before a blank, or at a comma that goes on in words ("24, because ...").
size_t sentence_length(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    const bool before_blank = i + 1 == text.size() || is_space(text[i + 1]);
    if (!before_blank) continue;
    // "9 a.m. on Monday": a full stop after a single letter ends no sentence.
    const bool is_abbreviation = i >= 2 && is_ascii_letter(text[i - 1]) && text[i - 2] == '.';
    if ((text[i] == '.' && !is_abbreviation) || text[i] == '!' || text[i] == '?') return i;
    if (text[i] != ',') continue;
    for (const std::string_view word :
         {" because", " since", " which", " so ", " as ", " where", " for ", " that is", " i.e"}) {
      if (text.substr(i + 1).starts_with(word)) return i;
    }
  }
  return text.size();
}

// Returns what stands after a phrase: delimited mathematics, bold words, or the sentence.
std::string_view after_phrase(std::string_view rest) {
  for (int i = 0; i < 4; ++i) {
    rest = trim(rest);
    for (const std::string_view mark :
         {":", "=", "**", "__", "`", "equal to", "simply", "thus", "therefore"}) {
      if (!rest.starts_with(mark)) continue;
      if (mark == "**" || mark == "__" || mark == "`") {
        // Bold around the answer alone; the closing mark of a bold phrase is just dropped.
        const size_t close = rest.find(mark, mark.size());
        const size_t line_end = rest.find('\n');
        if (close != kNone && close > mark.size() && (line_end == kNone || close < line_end)) {
          return rest.substr(mark.size(), close - mark.size());
        }
      }
      rest.remove_prefix(mark.size());
      rest = trim(rest);
    }
  }
  for (const Delimiters& math : kMathDelimiters) {
    if (!rest.starts_with(math.open)) continue;
    const size_t close = find_mark(rest, math.close, math.open.size());
    if (close == kNone || close == math.open.size()) continue;
    // "$5 and $6" are two prices; "$5$ km" keeps its unit.
    const size_t after = close + math.close.size();
    if (math.open == "$" && after < rest.size() && is_digit(rest[after])) continue;
    return rest.substr(0, after + sentence_length(rest.substr(after)));
  }
  return rest.substr(0, sentence_length(rest));
}

std::optional<ExtractedAnswer> find_phrase(std::string_view text, std::string_view lower) {
  static constexpr std::array<std::string_view, 7> kPhrases = {
      "answer is", "answer:", "answers are", "answer**:", "answer =", "result is", "answers:"};
  size_t end = lower.size();
  for (int i = 0; i < kMaxPhrasesTried && end > 0; ++i) {
    size_t start = kNone;
    size_t length = 0;
    for (const std::string_view phrase : kPhrases) {
      const size_t found = lower.rfind(phrase, end - 1);
      if (found != kNone && (start == kNone || found > start)) {
        start = found;
        length = phrase.size();
      }
    }
    if (start == kNone) break;
    const std::string_view answer = tidy(after_phrase(text.substr(start + length)));
    if (!answer.empty()) return ExtractedAnswer{std::string(answer), "phrase"};
    end = start;
  }
  return std::nullopt;
}

size_t skip_digits(std::string_view text, size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

// Returns the length of the plain number at the start: digits with grouping commas, decimals, an
// exponent, a slash and denominator, a percent sign.
size_t number_length(std::string_view text) {
  size_t at = skip_digits(text, 0);
  while (at + 3 < text.size() && text[at] == ',' && skip_digits(text, at + 1) == at + 4)
    at += 4;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    at = skip_digits(text, at + 1);
  }
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const size_t digits = at + ((text[at + 1] == '-' || text[at + 1] == '+') ? 2 : 1);
    const size_t end = skip_digits(text, digits);
    if (end > digits) at = end;
  }
  if (at + 1 < text.size() && text[at] == '/' && is_digit(text[at + 1])) {
    at = skip_digits(text, at + 1);
  }
  if (at < text.size() && text[at] == '%') ++at;
  return at;
}

// Returns the length of `\frac{1}{2}` at the start, or 0 when it is no fraction of groups.
size_t fraction_length(std::string_view text) {
  const size_t open = text.find('{');
  if (open == kNone || open > 6) return 0;
  const size_t above = group_length(text.substr(open, 200));
  if (above == kNone || text.substr(open + above, 1) != "{") return 0;
  const size_t below = group_length(text.substr(open + above, 200));
  return below == kNone ? 0 : open + above + below;
}

std::optional<ExtractedAnswer> find_last_number(std::string_view text) {
  std::string_view last;
  size_t i = 0;
  while (i < text.size()) {
    const bool is_fraction = text.substr(i).starts_with("\\frac") ||
                             text.substr(i).starts_with("\\dfrac") ||
                             text.substr(i).starts_with("\\tfrac");
    const bool starts_number =
        is_digit(text[i]) || (text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]) &&
                              (i == 0 || is_space(text[i - 1])));
    const bool in_word = i > 0 && (is_ascii_letter(text[i - 1]) || text[i - 1] == '_');
    size_t length = 0;
    if (is_fraction) length = fraction_length(text.substr(i));
    if (starts_number) length = std::max<size_t>(number_length(text.substr(i)), 1);
    if (length == 0) {
      ++i;
      continue;
    }
    if (starts_number && in_word) {
      i += length;
      continue;
    }
    size_t start = i;
    if (start > 0 && text[start - 1] == '$') --start;
    // A minus sign belongs to the number unless something stands right before it ("10-4").
    if (start > 0 && text[start - 1] == '-' &&
        (start == 1 || is_space(text[start - 2]) ||
         std::string_view("(=:[{,$*").find(text[start - 2]) != kNone)) {
      --start;
    }
    last = text.substr(start, i + length - start);
    i += length;
  }
  if (last.empty()) return std::nullopt;
  return ExtractedAnswer{std::string(last), "last number"};
}

}  // namespace

std::string remove_annotations(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("<<", at);
    if (open == kNone) break;
    const std::string_view window = text.substr(open, kMaxAnnotationBytes);
    const size_t close = window.find(">>");
    const size_t line_end = window.find('\n');
    if (close == kNone || line_end < close) {
      out += text.substr(at, open + 2 - at);
      at = open + 2;
      continue;
    }
    out += text.substr(at, open - at);
    at = open + close + 2;
  }
  out += text.substr(std::min(at, text.size()));
  return out;
}

ExtractedAnswer extract_answer(std::string_view solution) {
  if (solution.size() > static_cast<size_t>(kMaxSolutionBytes)) {
    solution.remove_prefix(solution.size() - static_cast<size_t>(kMaxSolutionBytes));
  }
  const std::string text = remove_annotations(solution);
  if (std::optional<ExtractedAnswer> found = find_box(text)) return *found;
  const std::string lower = to_lower(text);
  if (std::optional<ExtractedAnswer> found = find_tag(text, lower)) return *found;
  if (std::optional<ExtractedAnswer> found = find_hashes(text)) return *found;
  if (std::optional<ExtractedAnswer> found = find_phrase(text, lower)) return *found;
  return find_last_number(text).value_or(ExtractedAnswer{});
}

}  // namespace caco
