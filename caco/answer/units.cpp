#include "caco/answer/units.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/unit_tables.h"

namespace caco {
namespace {

constexpr size_t kMaxUnitWords = 8;

bool is_unit_letter(char c) {
  return is_letter(c) || c == '\'';
}

// Drops a plural ending of words outside the table: "apples" = "apple".
std::string_view singular(std::string_view word) {
  if (word.size() > 3 && word.ends_with("s") && !word.ends_with("ss")) word.remove_suffix(1);
  return word;
}

// One word of a unit with its power.
struct UnitWord {
  std::string word;     // lower case
  std::string written;  // as written
  std::string power;
  char before = ' ';  // '/' when divided by it
};

std::optional<std::string> known_unit(const UnitWord& unit) {
  return find_unit_name(unit.word, unit.written);
}

std::optional<std::vector<UnitWord>> split_unit(std::string_view text);

// `\frac{m}{s^2}`: the words of the lower group are below.
std::optional<std::vector<UnitWord>> split_fraction(std::string_view text) {
  const size_t middle = text.find("}{");
  if (middle == std::string_view::npos || !text.starts_with('{') || !text.ends_with('}')) {
    return std::nullopt;
  }
  std::optional<std::vector<UnitWord>> above = split_unit(text.substr(1, middle - 1));
  const std::optional<std::vector<UnitWord>> below =
      split_unit(text.substr(middle + 2, text.size() - middle - 3));
  if (!above.has_value() || !below.has_value()) return std::nullopt;
  for (const UnitWord& word : *below) {
    if (word.before == '/') return std::nullopt;
    above->push_back(word);
    above->back().before = '/';
  }
  return above;
}

// Splits "kilometers per hour", "cm^2", "m / s^{2}" into words; nothing when a character does not
// belong into a unit.
std::optional<std::vector<UnitWord>> split_unit(std::string_view text) {
  text = trim(text);
  if (text.starts_with("\\frac")) return split_fraction(trim(text.substr(5)));
  std::vector<UnitWord> words;
  char before = ' ';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_unit_letter(c)) {
      UnitWord word;
      word.before = std::exchange(before, ' ');
      while (i < text.size() && (is_unit_letter(text[i]) || text[i] == '.')) {
        if (text[i] != '.') {
          word.written += text[i];
          word.word +=
              text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        }
        ++i;
      }
      const bool is_power_word = word.word == "squared" || word.word == "cubed";
      if (word.word == "per") {
        before = '/';
      } else if (is_power_word && !words.empty() && words.back().power.empty() &&
                 known_unit(words.back()).has_value()) {
        words.back().power = word.word == "cubed" ? "3" : "2";
      } else {
        words.push_back(std::move(word));
      }
      if (words.size() > kMaxUnitWords) return std::nullopt;
    } else if (c == '^' && !words.empty() && words.back().power.empty()) {
      ++i;
      while (i < text.size() && (text[i] == '{' || text[i] == '(' || is_space(text[i])))
        ++i;
      if (i < text.size() && text[i] == '-') words.back().power += text[i++];
      while (i < text.size() && is_digit(text[i]) && words.back().power.size() < 4) {
        words.back().power += text[i++];
      }
      while (i < text.size() && (text[i] == '}' || text[i] == ')'))
        ++i;
      if (words.back().power.empty()) return std::nullopt;
    } else if (c == '/') {
      before = '/';
      ++i;
    } else if (is_space(c) || c == '*' || c == '-' || c == '.') {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  if (words.empty() || before != ' ') return std::nullopt;
  // `25^\circ\text{C}`
  if (words.size() == 2 && words[0].word == "\u00b0" && words[0].power.empty() &&
      (words[1].word == "c" || words[1].word == "f")) {
    words[0].word += words[1].word;
    words.pop_back();
  }
  return words;
}

bool is_single_letter_unit(std::string_view word) {
  return word.size() == 1 && std::string_view("mghsl").find(word) != std::string_view::npos;
}

// Joins the words in canonical form; "square meter" becomes "meter^2".
Unit join_unit(const std::vector<UnitWord>& words) {
  Unit unit;
  unit.is_known = true;
  std::string_view pending_power;
  for (const UnitWord& word : words) {
    if (word.word == "square" || word.word == "sq" || word.word == "cubic") {
      pending_power = word.word == "cubic" ? "3" : "2";
      continue;
    }
    const std::optional<std::string> known = known_unit(word);
    // "degrees Celsius" are no angle.
    if (known == "celsius" || known == "fahrenheit") {
      if (unit.name == "degree") unit.name.clear();
    }
    if (!unit.name.empty() || word.before == '/') unit.name += word.before;
    unit.name += known.has_value() ? std::string_view(*known) : singular(word.word);
    const std::string_view power = word.power.empty() ? pending_power : word.power;
    if (!power.empty()) unit.name += "^" + std::string(power);
    pending_power = "";
    unit.is_known = unit.is_known && known.has_value();
  }
  return unit;
}

}  // namespace

namespace {

// A word in Chinese characters, which stand right behind the number and count it. Some change its
// value: ten, hundred, thousand, ten thousand, half, tenth, several, and more, less than.
bool is_counter(std::string_view word) {
  constexpr size_t kMaxCounterBytes = 12;
  static constexpr std::array<std::string_view, 20> kChanging = {
      "\u5341", "\u767e", "\u5343", "\u4e07", "\u842c", "\u4ebf", "\u5104",
      "\u5146", "\u534a", "\u6210", "\u6298", "\u51e0", "\u591a", "\u4f59",
      "\u9918", "\u4e0a", "\u4e0b", "\u500d", "\u70b9", "\u53c8"};
  for (const std::string_view character : kChanging) {
    if (word.find(character) != std::string_view::npos) return false;
  }
  return !word.empty() && word.size() <= kMaxCounterBytes &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return static_cast<signed char>(c) < 0; }) &&
         static_cast<unsigned char>(word.front()) >= 0xe4 &&
         static_cast<unsigned char>(word.front()) <= 0xe9;
}

// Whether words outside \text can only be a unit. One or two letters are one only when they are in
// the table, and a single letter only when it stands apart with nothing after it: `3m` and `3 s^2`
// are mathematics.
bool can_only_be_unit(const std::vector<UnitWord>& words, bool is_attached) {
  const UnitWord& first = words.front();
  if (is_counter(first.word)) return words.size() == 1;
  const bool is_known = known_unit(first).has_value();
  if (is_attached && (!is_known || first.word.size() == 1)) return false;
  if (first.word.size() == 1) {
    return is_single_letter_unit(first.word) &&
           (words.size() == 1 ? first.power.empty() : words[1].before == '/');
  }
  return first.word.size() != 2 || is_known || first.word == "sq";
}

}  // namespace

ReadUnit read_unit(std::string_view text, bool is_attached) {
  const bool is_from_text = !text.empty() && text.front() == kTextEdge;
  const std::optional<std::vector<UnitWord>> words = split_unit(text);
  if (!words.has_value()) return {};
  for (const UnitWord& word : *words) {
    if (word.word == "am" || word.word == "pm" || word.word == "or" || word.word == "and" ||
        is_number_word(word.word) || is_math_name(word.word)) {
      if (word.word != "min" && (word.word != "sec" || words->size() > 1)) return {};
    }
  }
  const UnitWord& first = words->front();
  const bool is_ordinal =
      is_attached && words->size() == 1 && first.power.empty() &&
      (first.word == "st" || first.word == "nd" || first.word == "rd" || first.word == "th");
  ReadUnit read;
  read.unit = join_unit(*words);
  if (read.unit.name.empty()) return {};
  if (is_from_text || is_ordinal || can_only_be_unit(*words, is_attached)) {
    read.kind = UnitKind::Certain;
  } else if (read.unit.is_known) {
    read.kind = UnitKind::Possible;
    read.unit.is_possible = true;
  }
  return read;
}

std::optional<Unit> parse_unit(std::string_view text, bool is_attached) {
  ReadUnit read = read_unit(text, is_attached);
  if (read.kind != UnitKind::Certain) return std::nullopt;
  return std::move(read.unit);
}

std::optional<CurrencySign> find_currency_sign(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSigns = {{
      {"$", "dollar"},
      {"US$", "dollar"},
      {"USD", "dollar"},
      {"\u20ac", "euro"},
      {"\u00a3", "pound"},
      {"\u00a5", "yen"},
      {"\u20b9", "rupee"},
  }};
  for (const auto& [sign, unit] : kSigns) {
    if (text.starts_with(sign)) return CurrencySign{unit, static_cast<int64_t>(sign.size())};
  }
  return std::nullopt;
}

}  // namespace caco
