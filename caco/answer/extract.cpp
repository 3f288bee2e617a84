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
    const size_t word = find_last(text, "box", end - 1);
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

// The text without the marks at its end.
std::string_view without_end(std::string_view text, std::string_view marks) {
  const size_t last = text.find_last_not_of(marks);
  return text.substr(0, last == kNotFound ? 0 : last + 1);
}

// The name in `x = \boxed{3}`: a letter, perhaps with an index, and an equals sign at the end of
// what stands before a box. Empty when there is none, or when it is part of an expression.
std::string_view name_before_box(std::string_view text) {
  constexpr size_t kMaxIndexBytes = 8;
  text = without_end(text, "$\\({[ ");
  if (!text.ends_with('=')) return {};
  text = without_end(text.substr(0, text.size() - 1), " ");
  size_t start = text.size();
  const std::string_view stem = without_end(text, "{}0123456789");
  if (stem.ends_with('_') && text.size() - stem.size() < kMaxIndexBytes) start = stem.size() - 1;
  if (start == 0 || !is_ascii_letter(text[start - 1])) return {};
  --start;
  const bool stands_apart =
      start == 0 || std::string_view(" \n$(,;").find(text[start - 1]) != kNotFound;
  return stands_apart ? text.substr(start) : std::string_view();
}

// Whether two boxes are parts of one answer: "\boxed{1} and \boxed{2}".
bool joins_boxes(std::string_view between) {
  // "x = \boxed{1} and y = \boxed{2}"
  const std::string_view name = name_before_box(between);
  if (!name.empty()) {
    between = between.substr(0, static_cast<size_t>(name.data() - between.data()));
    if (without_end(between, "$\\({[ ").empty()) return false;
  }
  std::string words;
  for (const char c : between) {
    if (std::string_view("$\\()[] \n,;~").find(c) == kNotFound) words += c;
  }
  const bool has_sign = between.find_first_of(",;") != kNotFound || between.empty();
  const bool is_joint = words == "and" || words == "or" || words == "text{and}" ||
                        words == "text{or}" || (words.empty() && has_sign) ||
                        words == "quadtext{or}quad" || words == "quadtext{and}quad" ||
                        words == "quad" || words == "qquad";
  if (is_joint) return true;
  // "\boxed{1} papers and \boxed{2} bins"
  if (between.find_first_of(".=\n:") != kNotFound) return false;
  between = without_end(between, "$\\({[} ");
  return between.ends_with(" and") || between.ends_with(" or");
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
  struct Part {
    std::string_view name;
    std::string_view inside;
  };
  std::vector<Part> parts = {{name_before_box(text.substr(0, box.start)), box.inside}};
  size_t start = box.start;
  while (parts.size() < kMaxJoined) {
    const Box before = last_box_before(text, start);
    if (before.start == kNotFound || before.is_open || before.end > start ||
        start - before.end > kMaxBetween ||
        !joins_boxes(text.substr(before.end, start - before.end))) {
      break;
    }
    start = before.start;
    const Part part = {name_before_box(text.substr(0, start)), before.inside};
    const bool is_again = part.inside == parts.back().inside && part.name == parts.back().name;
    if (!part.inside.empty() && !is_again) parts.push_back(part);
  }
  const bool are_named =
      parts.size() > 1 && std::all_of(parts.begin(), parts.end(), [](const Part& part) {
        return !part.name.empty() && part.inside.find('=') == kNotFound;
      });
  std::string joined;
  for (size_t i = parts.size(); i > 0; --i) {
    const Part& part = parts[i - 1];
    joined += joined.empty() ? "" : ", ";
    if (are_named) joined += std::string(part.name) + " = ";
    joined += part.inside;
  }
  const bool has_percent = parts.size() == 1 && starts_with_percent(text.substr(box.end));
  return ExtractedAnswer{joined, "boxed", has_percent};
}

std::optional<ExtractedAnswer> find_tag(std::string_view text, std::string_view lower) {
  const size_t open = find_last(lower, "<answer>");
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
  const size_t marks = find_last(text, "####");
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
    for (const std::string_view mark : {":", "=", "**", "__", "`", "equal to", "simply", "thus",
                                        "therefore", "for sure", "clearly", "definitely"}) {
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

// Whether words hold under a condition or deny: "impossible since the sum", "red if n".
bool is_conditional(std::string_view words) {
  static constexpr std::array<std::string_view, 9> kConditions = {
      " if ", " when ", " unless ", " until ", " since ", " because ", " not ", " no ", " or "};
  return std::any_of(kConditions.begin(), kConditions.end(), [&](std::string_view condition) {
    return words.find(condition) != kNotFound;
  });
}

// "The volume of $ABCD$ is 120" says its answer at its end, and "D, it cannot be A" in front.
std::string_view end_of_sentence(std::string_view answer) {
  constexpr size_t kMinSentenceBytes = 12;
  answer = tidy_answer(answer);
  const bool is_option = answer.size() > 4 && answer[0] >= 'A' && answer[0] <= 'J' &&
                         answer[1] == ',' && answer[2] == ' ' && is_ascii_letter(answer[3]) &&
                         is_ascii_letter(answer[4]);
  const std::string_view behind = answer.substr(std::min<size_t>(answer.size(), 3));
  if (is_option && !behind.starts_with("and ") && !behind.starts_with("or "))
    return answer.substr(0, 1);
  const bool is_sentence = answer.size() > kMinSentenceBytes && is_ascii_letter(answer[0]) &&
                           is_ascii_letter(answer[1]) && is_ascii_letter(answer[2]) &&
                           answer.find(' ') < kMinSentenceBytes;
  if (!is_sentence || is_conditional(answer)) return answer;
  const size_t is = answer.rfind(" is ");
  const std::string_view rest =
      is == kNotFound ? std::string_view() : tidy_answer(answer.substr(is + 4));
  const bool is_amount = !rest.empty() && (is_digit(rest[0]) ||
                                           std::string_view("$\\-([{").find(rest[0]) != kNotFound);
  if (is_amount) return rest;
  if (answer.find_first_of("\\$=") != kNotFound) return answer;
  // One number among words: "Jane started 3 hours ago".
  const size_t first = answer.find_first_of("0123456789");
  if (first == kNotFound || answer[first - 1] != ' ') return answer;
  const size_t end = std::min(answer.find_first_not_of("0123456789.,", first), answer.size());
  const bool is_only = answer.find_first_of("0123456789", end) == kNotFound;
  return is_only && (end == answer.size() || answer[end] == ' ')
             ? tidy_answer(answer.substr(first, end - first))
             : answer;
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
      const size_t found = find_last(lower, phrase, end - 1);
      if (found != kNotFound && (start == kNotFound || found > start)) {
        start = found;
        length = phrase.size();
      }
    }
    if (start == kNotFound) break;
    const std::string_view answer = end_of_sentence(after_phrase(text.substr(start + length)));
    if (!answer.empty()) return ExtractedAnswer{std::string(answer), "phrase"};
    end = start;
  }
  return std::nullopt;
}

// "Final Answer: The final answer is $5$. I hope it is correct.", where no box follows: the form
// that few-shot prompts for MATH ask for.
std::optional<ExtractedAnswer> find_hopeful(std::string_view text) {
  constexpr std::string_view kHope = "I hope it is correct";
  // Most texts have none, which a search from the start finds sooner.
  if (text.find(kHope) == kNotFound) return std::nullopt;
  const size_t hope = text.rfind(kHope);
  const size_t is = text.substr(0, hope).rfind("final answer is ");
  const size_t box = text.rfind("\\boxed");
  if (is == kNotFound || (box != kNotFound && box > is)) return std::nullopt;
  const std::string_view answer = tidy_answer(after_phrase(text.substr(is + 16, hope - is - 16)));
  if (answer.empty()) return std::nullopt;
  return ExtractedAnswer{std::string(answer), "phrase"};
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
  if (std::optional<ExtractedAnswer> found = find_hopeful(text)) return *found;
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
  for (const Rule& rule :
       {Rule{find_whole_maths(text), "whole"}, Rule{find_choice(text, lower), "option"},
        Rule{find_bold(text), "bold"}}) {
    if (!tidy_answer(rule.found).empty()) return answer(rule);
  }
  if (const std::string_view maths = find_last_maths(text); !tidy_answer(maths).empty()) {
    const auto end = static_cast<size_t>(maths.data() - text.data()) + maths.size();
    return ExtractedAnswer{std::string(tidy_answer(maths)), "last maths",
                           starts_with_percent(std::string_view(text).substr(end))};
  }
  if (const std::string_view number = find_last_number(text); !number.empty()) {
    return ExtractedAnswer{std::string(number), "last number"};
  }
  const Rule words = {find_last_words(text, lower), "last words"};
  return tidy_answer(words.found).empty() ? ExtractedAnswer{} : answer(words);
}

}  // namespace caco
