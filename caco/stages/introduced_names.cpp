#include "caco/stages/introduced_names.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "caco/base/ascii.h"

namespace caco {
namespace {

constexpr std::string_view kAskingWords[] = {
    "how",  "what",    "which",     "who",       "whose", "when", "where", "why", "think",
    "find", "compute", "calculate", "determine", "give",  "tell", "is",    "are", "does",
    "do",   "did",     "was",       "were",      "can",   "will", "by",    "in",  "at"};

// Words that make a sentence give something besides asking.
constexpr std::string_view kGivingWords[] = {
    "if",   "when",  "after", "suppose", "given", "assuming", "each",   "every", "one",    "two",
    "half", "three", "four",  "five",    "twice", "mr",       "mrs",    "ms",    "dr",     "who",
    "has",  "had",   "gives", "gave",    "takes", "took",     "called", "named", "because"};

constexpr std::string_view kCalendarWords[] = {
    "monday",   "tuesday",   "wednesday", "thursday",  "friday",      "saturday",
    "sunday",   "january",   "february",  "march",     "april",       "may",
    "june",     "july",      "august",    "september", "october",     "november",
    "december", "christmas", "halloween", "easter",    "thanksgiving"};

bool is_letter_at(std::string_view text, size_t i) {
  return std::isalpha(static_cast<unsigned char>(text[i])) != 0;
}

template <size_t N>
bool is_one_of(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

struct Word {
  std::string_view written;
  std::string low;
};

std::vector<Word> words_of(std::string_view sentence) {
  std::vector<Word> words;
  for (size_t i = 0; i < sentence.size();) {
    const size_t begin = i;
    while (i < sentence.size() && is_letter_at(sentence, i))
      ++i;
    if (i == begin) {
      ++i;
      continue;
    }
    const std::string_view written = sentence.substr(begin, i - begin);
    words.push_back({written, lower_case(written)});
  }
  return words;
}

// Sentences end at . ? ! before a space or the end. What a point after "Mr" cuts off does not ask.
std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_last = i + 1 == text.size();
    const bool ends = std::string_view(".?!").find(text[i]) != std::string_view::npos &&
                      (is_last || std::isspace(static_cast<unsigned char>(text[i + 1])) != 0);
    if (!ends && !is_last) continue;
    sentences.push_back(text.substr(begin, i + 1 - begin));
    begin = i + 1;
  }
  return sentences;
}

bool only_asks(std::string_view sentence, const std::vector<Word>& words) {
  if (words.empty()) return false;
  if (!sentence.ends_with('?') && !is_one_of(kAskingWords, words.front().low)) return false;
  if (std::any_of(sentence.begin(), sentence.end(), is_digit)) return false;
  return std::none_of(words.begin(), words.end(),
                      [](const Word& word) { return is_one_of(kGivingWords, word.low); });
}

bool is_name(std::string_view word) {
  return word.size() > 1 && std::isupper(static_cast<unsigned char>(word[0])) != 0 &&
         std::all_of(word.begin() + 1, word.end(),
                     [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; });
}

}  // namespace

std::optional<std::string> find_unintroduced_name(std::string_view question) {
  std::set<std::string> introduced;
  for (const std::string_view sentence : sentences_of(question)) {
    const std::vector<Word> words = words_of(sentence);
    if (!introduced.empty() && only_asks(sentence, words)) {
      for (size_t i = 1; i < words.size(); ++i) {
        const Word& word = words[i];
        if (is_name(word.written) && !is_one_of(kCalendarWords, word.low) &&
            introduced.count(word.low) == 0) {
          return std::string(word.written);
        }
      }
    }
    for (const Word& word : words)
      introduced.insert(word.low);
  }
  return std::nullopt;
}

}  // namespace caco
