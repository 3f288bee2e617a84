// Extraction tries its rules from the most explicit to the least, each in linear scans: \boxed,
// <answer>, ####, "the answer is", then the weaker ones of extract_weak.h.
//
// A solution whose last \boxed{ never closes was cut off: it has no answer, and no earlier box is
// taken in its place.
#include "caco/answer/extract.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/answer/clean_text.h"
#include "caco/answer/extract_pieces.h"
#include "caco/answer/extract_weak.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

// Phrases with nothing after them are passed over, this many at the most.
constexpr int kMaxPhrasesTried = 8;
constexpr int kMaxEmptyBoxes = 400;

std::optional<ExtractedAnswer> find_phrase(std::string_view text, std::string_view lower);

struct Box {
  size_t start = kNotFound;  // of the command
  size_t end = 0;            // behind the closing brace
  std::string_view inside;
  bool is_open = false;  // it never closes
};

// The last \boxed or \fbox that starts before `limit`.
Box last_box_before(std::string_view text, size_t limit) {
  size_t end = limit;
  while (end > 0) {
    Box box;
    const size_t word = text.rfind("box", end - 1);
    if (word == kNotFound) break;
    end = word;
    size_t name_size = 0;
    if (word > 0 && text[word - 1] == '\\' && text.substr(word).starts_with("boxed")) {
      box.start = word - 1;
      name_size = 6;
    } else if (word > 1 && text.substr(word - 2).starts_with("\\fbox")) {
      box.start = word - 2;
      name_size = 5;
    } else {
      continue;
    }
    end = box.start;
    size_t open = box.start + name_size;
    while (open < text.size() && is_space(text[open]))
      ++open;
    if (open < text.size() && is_digit(text[open])) {
      // `\boxed 5`
      box.end = std::min(text.find_first_not_of("0123456789.,", open), text.size());
      box.inside = tidy_answer(text.substr(open, box.end - open));
      return box;
    }
    if (open >= text.size() || text[open] != '{') continue;
    const size_t length = group_length(text.substr(open));
    box.is_open = length == kNotFound;
    if (box.is_open) return box;
    box.end = open + length;
    box.inside = tidy_answer(text.substr(open + 1, length - 2), /*is_maths=*/true);
    return box;
  }
  return {};
}

// Whether two boxes are parts of one answer: "\boxed{1} and \boxed{2}".
bool joins_boxes(std::string_view between) {
  std::string words;
  for (const char c : between) {
    if (std::string_view("$\\()[] \n,;~").find(c) == kNotFound) words += c;
  }
  const bool has_sign = between.find_first_of(",;") != kNotFound;
  return words == "and" || words == "or" || words == "text{and}" || words == "text{or}" ||
         (words.empty() && has_sign) || words == "quadtext{or}quad" ||
         words == "quadtext{and}quad" || words == "quad" || words == "qquad";
}

// What the last box holds; with it the boxes before it that are parts of the same answer.
std::optional<ExtractedAnswer> find_box(std::string_view text) {
  constexpr size_t kMaxBetween = 40;
  constexpr size_t kMaxJoined = 8;
  Box box = last_box_before(text, text.size());
  const bool saw_box = box.start != kNotFound;
  for (int i = 0;
       i < kMaxEmptyBoxes && box.start != kNotFound && !box.is_open && box.inside.empty(); ++i) {
    box = last_box_before(text, box.start);
  }
  if (!saw_box) return std::nullopt;
  if (box.start == kNotFound || box.is_open || box.inside.empty())
    return ExtractedAnswer{"", "boxed"};
  // A box around the whole answer, and one inside a sentence that is boxed.
  const std::string lower = lower_ascii(box.inside);
  if (lower.find("answer is") != kNotFound) {
    if (std::optional<ExtractedAnswer> inner = find_phrase(box.inside, lower)) {
      // The words may end inside \text.
      const std::string_view words = inner->text;
      return ExtractedAnswer{std::string(tidy_answer(words.substr(words.front() == '}' ? 1 : 0))),
                             "boxed"};
    }
  }
  std::vector<std::string_view> parts = {box.inside};
  size_t start = box.start;
  while (parts.size() < kMaxJoined) {
    const Box before = last_box_before(text, start);
    if (before.start == kNotFound || before.is_open || before.end > start ||
        start - before.end > kMaxBetween ||
        !joins_boxes(text.substr(before.end, start - before.end))) {
      break;
    }
    start = before.start;
    if (!before.inside.empty() && before.inside != parts.back()) parts.push_back(before.inside);
  }
  std::string joined;
  for (size_t i = parts.size(); i > 0; --i)
    joined += (joined.empty() ? "" : ", ") + std::string(parts[i - 1]);
  return ExtractedAnswer{joined, "boxed"};
}

std::optional<ExtractedAnswer> find_tag(std::string_view text, std::string_view lower) {
  const size_t open = lower.rfind("<answer>");
  if (open == kNotFound) return std::nullopt;
  const size_t start = open + 8;
  const size_t close = lower.find("</answer>", start);
  if (close == kNotFound) return std::nullopt;
  const std::string_view inside = tidy_answer(text.substr(start, close - start));
  if (inside.empty()) return std::nullopt;
  if (std::optional<ExtractedAnswer> phrase = find_phrase(inside, lower_ascii(inside))) {
    return ExtractedAnswer{phrase->text, "tag"};
  }
  return ExtractedAnswer{std::string(inside), "tag"};
}

std::optional<ExtractedAnswer> find_hashes(std::string_view text) {
  const size_t marks = text.rfind("####");
  if (marks == kNotFound) return std::nullopt;
  std::string_view line = text.substr(marks + 4);
  line = tidy_answer(line.substr(0, line.find('\n')));
  if (line.empty()) return std::nullopt;
  return ExtractedAnswer{std::string(line), "hashes"};
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
        if (close != kNotFound && close > mark.size() &&
            (line_end == kNotFound || close < line_end)) {
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
    if (close == kNotFound || close == math.open.size()) continue;
    // "$5 and $6" are two prices; "$5$ km" keeps its unit.
    const size_t after = close + math.close.size();
    if (math.open == "$" && after < rest.size() && is_digit(rest[after])) continue;
    return rest.substr(0, after + sentence_length(rest.substr(after)));
  }
  return rest.substr(0, sentence_length(rest));
}

std::optional<ExtractedAnswer> find_phrase(std::string_view text, std::string_view lower) {
  static constexpr std::array<std::string_view, 9> kPhrases = {
      "answer is", "answer:",  "answers are",
      "answer**:", "answer =", "result is",
      "answers:",  "result:",  "answer to the question is"};
  size_t end = lower.size();
  for (int i = 0; i < kMaxPhrasesTried && end > 0; ++i) {
    size_t start = kNotFound;
    size_t length = 0;
    for (const std::string_view phrase : kPhrases) {
      const size_t found = lower.rfind(phrase, end - 1);
      if (found != kNotFound && (start == kNotFound || found > start)) {
        start = found;
        length = phrase.size();
      }
    }
    if (start == kNotFound) break;
    const std::string_view answer = tidy_answer(after_phrase(text.substr(start + length)));
    if (!answer.empty()) return ExtractedAnswer{std::string(answer), "phrase"};
    end = start;
  }
  return std::nullopt;
}

}  // namespace

std::string remove_annotations(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("<<", at);
    if (open == kNotFound) break;
    const std::string_view window = text.substr(open, kMaxAnnotationBytes);
    const size_t close = window.find(">>");
    const size_t line_end = window.find('\n');
    if (close == kNotFound || line_end < close) {
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
  const std::string lower = lower_ascii(text);
  if (std::optional<ExtractedAnswer> found = find_tag(text, lower)) return *found;
  if (std::optional<ExtractedAnswer> found = find_hashes(text)) return *found;
  if (std::optional<ExtractedAnswer> found = find_phrase(text, lower)) return *found;
  struct Rule {
    std::string_view found;
    const char* name;
  };
  const auto answer = [](const Rule& rule) {
    return ExtractedAnswer{std::string(tidy_answer(rule.found)), rule.name};
  };
  for (const Rule& rule : {Rule{find_choice(text, lower), "option"}, Rule{find_bold(text), "bold"},
                           Rule{find_last_maths(text), "last maths"}}) {
    if (!tidy_answer(rule.found).empty()) return answer(rule);
  }
  if (const std::string_view number = find_last_number(text); !number.empty()) {
    return ExtractedAnswer{std::string(number), "last number"};
  }
  const Rule words = {find_last_words(text, lower), "last words"};
  return tidy_answer(words.found).empty() ? ExtractedAnswer{} : answer(words);
}

}  // namespace caco
