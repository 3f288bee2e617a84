// The grammar:
//   number:   ["minus"] cardinal ["and"] [share] | share, then "percent"
//   cardinal: groups by falling scale ("two million", "three thousand"), each below a thousand;
//             "and" may stand inside: "one hundred and five"
//   share:    cardinal and a part: "two thirds", "one half", "a quarter", "half a"
#include "caco/answer/number_words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/clean_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

constexpr size_t kMaxNumberWords = 24;
constexpr size_t kMaxWordBytes = 16;

struct Word {
  std::string text;  // lower case
  size_t end = 0;    // where it ends in the text
};

constexpr std::array<std::pair<std::string_view, int64_t>, 5> kScaleWords = {{
    {"thousand", 1000},
    {"million", 1000000},
    {"billion", 1000000000},
    {"trillion", 1000000000000},
    {"dozen", 12},
}};

// "half" to "tenth"; the plural ends in s, or is "halves".
constexpr std::array<std::pair<std::string_view, int64_t>, 13> kParts = {{
    {"half", 2},
    {"halve", 2},
    {"third", 3},
    {"quarter", 4},
    {"fourth", 4},
    {"fifth", 5},
    {"sixth", 6},
    {"seventh", 7},
    {"eighth", 8},
    {"ninth", 9},
    {"tenth", 10},
    {"twelfth", 12},
    {"hundredth", 100},
}};

template <typename Table>
int64_t find_in(const Table& table, std::string_view word) {
  for (const auto& [name, value] : table) {
    if (name == word) return value;
  }
  return 0;
}

// Words of letters; blanks and single hyphens part them, and everything else ends them.
std::vector<Word> words_at_start(std::string_view text) {
  std::vector<Word> words;
  size_t at = 0;
  while (words.size() < kMaxNumberWords) {
    while (at < text.size() && is_space(text[at]))
      ++at;
    if (!words.empty() && at == words.back().end && at < text.size() && text[at] == '-') ++at;
    const size_t start = at;
    while (at < text.size() && is_ascii_letter(text[at]))
      ++at;
    if (at == start || at - start > kMaxWordBytes) break;
    words.push_back({fold_case_and_space(text.substr(start, at - start)), at});
  }
  return words;
}

class WordReader {
 public:
  explicit WordReader(std::string_view text) : words_(words_at_start(text)) {}

  std::optional<WordNumber> run() {
    const bool is_negative = accept("minus") || accept("negative");
    WordNumber result;
    std::optional<mpq_class> value = share();
    if (!value.has_value()) {
      const std::optional<int64_t> whole = cardinal();
      if (!whole.has_value()) return std::nullopt;
      value = mpq_class(static_cast<long>(*whole));
      add_share(*value);
    }
    if (is_negative) *value = -*value;
    const size_t before = at_;
    const bool is_per_cent = accept("per") && accept("cent");
    if (!is_per_cent) at_ = before;
    if (is_per_cent || accept("percent") || accept("pct")) {
      result.is_percent = true;
      *value /= 100;
    }
    result.number.value = *value;
    result.num_bytes = words_[at_ - 1].end;
    return result;
  }

 private:
  std::string_view peek(size_t ahead = 0) const {
    return at_ + ahead < words_.size() ? std::string_view(words_[at_ + ahead].text)
                                       : std::string_view();
  }
  bool accept(std::string_view word) {
    if (peek() != word) return false;
    ++at_;
    return true;
  }

  // A number below a hundred, or nothing.
  std::optional<int64_t> small() {
    const std::optional<int64_t> first = number_word_value(peek());
    if (!first.has_value() || *first >= 100) return std::nullopt;
    ++at_;
    if (*first < 20 || *first % 10 != 0) return first;
    const std::optional<int64_t> ones = number_word_value(peek());
    if (!ones.has_value() || *ones < 1 || *ones > 9) return first;
    ++at_;
    return *first + *ones;
  }

  // A number below a thousand: "[three] hundred [and] five".
  std::optional<int64_t> group() {
    if (peek() == "a" && (peek(1) == "hundred" || find_in(kScaleWords, peek(1)) != 0)) {
      ++at_;
      if (!accept("hundred")) return 1;
      return 100 + rest_of_hundred();
    }
    const std::optional<int64_t> first = small();
    if (!first.has_value() || !accept("hundred")) return first;
    return *first * 100 + rest_of_hundred();
  }

  int64_t rest_of_hundred() {
    const size_t before = at_;
    accept("and");
    const std::optional<int64_t> rest = small();
    if (rest.has_value()) return *rest;
    at_ = before;
    return 0;
  }

  std::optional<int64_t> cardinal() {
    int64_t total = 0;
    int64_t last_scale = INT64_MAX;
    bool has_group = false;
    while (true) {
      const size_t before = at_;
      if (has_group) accept("and");
      const std::optional<int64_t> value = group();
      const int64_t scale = std::max<int64_t>(find_in(kScaleWords, peek()), 1);
      // "two three" and "one thousand two million" are no numbers.
      if (!value.has_value() || scale >= last_scale || (has_group && last_scale == 1)) {
        at_ = before;
        break;
      }
      if (scale > 1) ++at_;
      total += *value * scale;
      last_scale = scale;
      has_group = true;
    }
    return has_group ? std::optional<int64_t>(total) : std::nullopt;
  }

  // "two thirds", "one half", "a quarter"; "half" needs its number.
  std::optional<mpq_class> share() {
    const size_t before = at_;
    const std::optional<int64_t> above =
        accept("a") || accept("an") ? std::optional<int64_t>(1) : small();
    std::string_view part = peek();
    if (above.has_value() && *above != 1 && part.ends_with("s")) part.remove_suffix(1);
    const int64_t below = find_in(kParts, part);
    if (!above.has_value() || below == 0) {
      at_ = before;
      return std::nullopt;
    }
    ++at_;
    mpq_class value(static_cast<long>(*above), static_cast<long>(below));
    value.canonicalize();
    return value;
  }

  // "three and a half"
  void add_share(mpq_class& value) {
    const size_t before = at_;
    if (!accept("and")) return;
    const std::optional<mpq_class> part = share();
    if (part.has_value() && *part < 1) {
      value += *part;
    } else {
      at_ = before;
    }
  }

  std::vector<Word> words_;
  size_t at_ = 0;
};

}  // namespace

std::optional<WordNumber> read_number_words(std::string_view text) {
  return WordReader(text).run();
}

}  // namespace caco
