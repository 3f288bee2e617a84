#include "caco/stages/stated_inputs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "caco/base/ascii.h"

namespace caco {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

struct NumberWord {
  std::string_view word;
  int numerator;
  int denominator;
};

constexpr std::array<NumberWord, 42> kNumberWords = {{
    {"zero", 0, 1},      {"one", 1, 1},         {"two", 2, 1},       {"three", 3, 1},
    {"four", 4, 1},      {"five", 5, 1},        {"six", 6, 1},       {"seven", 7, 1},
    {"eight", 8, 1},     {"nine", 9, 1},        {"ten", 10, 1},      {"eleven", 11, 1},
    {"twelve", 12, 1},   {"thirteen", 13, 1},   {"fourteen", 14, 1}, {"fifteen", 15, 1},
    {"sixteen", 16, 1},  {"seventeen", 17, 1},  {"eighteen", 18, 1}, {"nineteen", 19, 1},
    {"twenty", 20, 1},   {"thirty", 30, 1},     {"forty", 40, 1},    {"fifty", 50, 1},
    {"sixty", 60, 1},    {"seventy", 70, 1},    {"eighty", 80, 1},   {"ninety", 90, 1},
    {"hundred", 100, 1}, {"thousand", 1000, 1}, {"once", 1, 1},      {"twice", 2, 1},
    {"double", 2, 1},    {"triple", 3, 1},      {"dozen", 12, 1},    {"half", 1, 2},
    {"third", 1, 3},     {"quarter", 1, 4},     {"fifth", 1, 5},     {"both", 2, 1},
    {"pair", 2, 1},      {"tenth", 1, 10},
}};

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

const NumberWord* number_word(std::string_view word) {
  for (const NumberWord& entry : kNumberWords) {
    if (entry.word == word) return &entry;
  }
  return nullptr;
}

std::string_view word_at(std::string_view text, size_t position) {
  size_t end = position;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0)
    ++end;
  return text.substr(position, end - position);
}

// Returns the end of the number in digits that begins at `begin`: 24, 1,000, 2.5, .5.
size_t end_of_digits(std::string_view text, size_t begin) {
  size_t end = begin;
  bool has_point = false;
  while (end < text.size()) {
    const char c = text[end];
    const auto is_digit_at = [&](size_t place) {
      return place < text.size() && is_digit(text[place]);
    };
    const bool is_point = c == '.' && !has_point && is_digit_at(end + 1);
    // A separator of thousands, not of list items.
    const bool is_separator = c == ',' && !has_point && end > begin && is_digit_at(end + 1) &&
                              is_digit_at(end + 2) && is_digit_at(end + 3) && !is_digit_at(end + 4);
    if (!is_digit(c) && !is_point && !is_separator) break;
    has_point = has_point || is_point;
    ++end;
  }
  return end;
}

// Returns whether a minus sign stands directly before `position`, or the word "negative".
bool is_negated(std::string_view text, size_t position) {
  if (position == 0) return false;
  if (text[position - 1] == '-') {
    return position == 1 || !(is_word(text[position - 2]) || text[position - 2] == ')');
  }
  return text.substr(0, position).ends_with("negative ");
}

// Adds the readings of a number at `position`. After "minus" there are two: "minus 5 degrees" is
// -5, "x minus 5" takes 5 away.
void add_readings(std::string_view text, size_t position, Rational value,
                  std::vector<Rational>& readings) {
  const Rational negative = {-value.numerator, value.denominator};
  if (!is_negated(text, position)) readings.push_back(value);
  if (is_negated(text, position) || text.substr(0, position).ends_with("minus ")) {
    readings.push_back(negative);
  }
}

void read_digits(std::string_view text, size_t begin, std::vector<TextNumber>& found) {
  TextNumber number{begin, end_of_digits(text, begin), {}};
  const std::optional<Rational> value = parse_rational(text.substr(begin, number.end - begin));
  if (!value) {
    found.push_back(number);
    return;
  }
  add_readings(text, begin, *value, number.readings);
  const std::string_view rest = text.substr(number.end);
  if (rest.starts_with("%") || rest.starts_with("\\%") || rest.starts_with(" percent")) {
    number.readings.push_back(*divide(*value, Rational{100, 1}));
  }
  found.push_back(number);
  // 1/4 states 1, 4 and 0.25; the quotient stands at the place of the numerator.
  if (rest.starts_with("/") && rest.size() > 1 && is_digit(rest[1])) {
    const size_t below = number.end + 1;
    const std::optional<Rational> denominator =
        parse_rational(text.substr(below, end_of_digits(text, below) - below));
    const std::optional<Rational> quotient =
        denominator ? divide(*value, *denominator) : std::nullopt;
    if (quotient) found.back().readings.push_back(*quotient);
  }
}

// Reads "seven", "twenty-four", "three hundred"; returns the position after it, or `begin`.
size_t read_words(std::string_view text, size_t begin, std::vector<TextNumber>& found) {
  const std::string_view word = word_at(text, begin);
  const NumberWord* const entry = number_word(word);
  if (entry == nullptr) return begin;
  TextNumber number{begin, begin + word.size(), {}};
  add_readings(text, begin, *divide(Rational{entry->numerator, 1}, Rational{entry->denominator, 1}),
               number.readings);
  if (number.end + 1 < text.size() && (text[number.end] == '-' || text[number.end] == ' ')) {
    const std::string_view next_word = word_at(text, number.end + 1);
    const NumberWord* const next = number_word(next_word);
    const bool is_tens = entry->numerator >= 20 && entry->numerator <= 90;
    if (next != nullptr && next->denominator == 1) {
      const bool is_unit = next->numerator >= 1 && next->numerator <= 9;
      if (is_tens && is_unit) {
        number.readings.push_back(Rational{entry->numerator + next->numerator, 1});
        number.end += 1 + next_word.size();
      } else if (next->numerator >= 100 || next->word == "dozen") {
        number.readings.push_back(Rational{Int128{entry->numerator} * next->numerator, 1});
        number.end += 1 + next_word.size();
      }
    }
  }
  found.push_back(number);
  return number.end;
}

bool same_value(const Rational& wanted, bool is_float, const Rational& reading) {
  if (wanted == reading) return true;
  // A float input has 17 digits of a value like 1/3 or 0.1 + 0.2.
  const double left = to_double(wanted);
  const double right = to_double(reading);
  return is_float && std::abs(left - right) <= 1e-9 * std::max(std::abs(left), std::abs(right));
}

std::optional<Leaf> read_string_leaf(std::string_view repr, size_t& i) {
  const char quote = repr[i];
  Leaf leaf{Leaf::Kind::Text, ""};
  for (++i; i < repr.size(); ++i) {
    if (repr[i] == quote) {
      ++i;
      if (leaf.text.empty()) leaf.kind = Leaf::Kind::Exempt;
      return leaf;
    }
    if (repr[i] == '\\' && i + 1 < repr.size()) ++i;
    leaf.text += repr[i];
  }
  return std::nullopt;
}

// A question with its numbers and which of their places have been used up.
class Statement {
 public:
  explicit Statement(std::string_view question)
      : text_(lower_case(question)), numbers_(find_numbers(text_)), is_used_(numbers_.size()) {}

  // Takes a place of a number; of several, the first after `after`. Nothing when there is none.
  std::optional<size_t> take_number(const std::string& digits, size_t after) {
    const std::optional<Rational> wanted = parse_rational(digits);
    const bool is_float = digits.find_first_of(".e") != std::string::npos;
    for (size_t i = 0; i < numbers_.size(); ++i) {
      const TextNumber& number = numbers_[i];
      if (is_used_[i] || number.begin < after) continue;
      const bool is_same = wanted ? std::any_of(number.readings.begin(), number.readings.end(),
                                                [&](const Rational& reading) {
                                                  return same_value(*wanted, is_float, reading);
                                                })
                                  : same_digits(digits, number);
      if (!is_same) continue;
      is_used_[i] = true;
      return number.end;
    }
    return std::nullopt;
  }

  std::optional<size_t> find_text(const std::string& wanted, size_t after) const {
    const std::string low = lower_case(wanted);
    for (size_t at = text_.find(low, after); at != std::string::npos;
         at = text_.find(low, at + 1)) {
      const size_t end = at + low.size();
      const bool begins = at == 0 || !is_word(low.front()) || !is_word(text_[at - 1]);
      const bool ends = end == text_.size() || !is_word(low.back()) || !is_word(text_[end]);
      if (begins && ends) return end;
    }
    return std::nullopt;
  }

  // 2024-03-05 as its year, its day and the number or the name of its month, in any order.
  bool states_date(const std::string& iso) {
    if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') return false;
    const std::optional<Rational> month = parse_rational(iso.substr(5, 2));
    if (!month || month->numerator < 1 || month->numerator > 12) return false;
    const std::string_view name = kMonths[static_cast<size_t>(month->numerator) - 1];
    return take_number(iso.substr(0, 4), 0) && take_number(iso.substr(8, 2), 0) &&
           (find_text(std::string(name), 0) || take_number(iso.substr(5, 2), 0));
  }

 private:
  // Numbers too long for exact values are compared by their digits.
  bool same_digits(std::string_view digits, const TextNumber& number) const {
    std::string written(text_, number.begin, number.end - number.begin);
    std::erase(written, ',');
    return written == digits;
  }

  std::string text_;
  std::vector<TextNumber> numbers_;
  std::vector<bool> is_used_;
};

bool states(Statement& statement, const std::vector<Leaf>& leaves) {
  size_t after = 0;
  for (const Leaf& leaf : leaves) {
    if (leaf.kind == Leaf::Kind::Exempt) continue;
    const std::optional<size_t> end = leaf.kind == Leaf::Kind::Number
                                          ? statement.take_number(leaf.text, after)
                                          : statement.find_text(leaf.text, after);
    if (!end) {
      return leaf.kind == Leaf::Kind::Text && leaves.size() == 1 &&
             statement.states_date(leaf.text);
    }
    if (leaves.size() > 1) after = *end;
  }
  return true;
}

}  // namespace

std::vector<TextNumber> find_numbers(std::string_view original) {
  const std::string text = lower_case(original);
  std::vector<TextNumber> found;
  size_t i = 0;
  while (i < text.size()) {
    const bool inside_word = i > 0 && std::isalpha(static_cast<unsigned char>(text[i - 1])) != 0;
    const bool is_point = text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]) &&
                          (i == 0 || !is_digit(text[i - 1]));
    if (is_digit(text[i]) || is_point) {
      read_digits(text, i, found);
      i = found.back().end;
    } else if (std::isalpha(static_cast<unsigned char>(text[i])) != 0 && !inside_word) {
      const size_t end = read_words(text, i, found);
      i = end > i ? end : i + word_at(text, i).size();
    } else {
      ++i;
    }
  }
  return found;
}

std::vector<Leaf> leaves_of_repr(std::string_view repr) {
  std::vector<Leaf> leaves;
  size_t i = 0;
  while (i < repr.size()) {
    const char c = repr[i];
    if (c == '\'' || c == '"') {
      const std::optional<Leaf> leaf = read_string_leaf(repr, i);
      if (!leaf) return leaves;
      leaves.push_back(*leaf);
    } else if (is_digit(c) || (c == '-' && i + 1 < repr.size() && is_digit(repr[i + 1]))) {
      const size_t begin = i++;
      while (i < repr.size() && (is_digit(repr[i]) || repr[i] == '.' || repr[i] == 'e' ||
                                 ((repr[i] == '-' || repr[i] == '+') && repr[i - 1] == 'e'))) {
        ++i;
      }
      leaves.push_back({Leaf::Kind::Number, std::string(repr.substr(begin, i - begin))});
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      const std::string_view word = word_at(repr, i);
      leaves.push_back({Leaf::Kind::Exempt, std::string(word)});
      i += word.size();
    } else {
      ++i;
    }
  }
  return leaves;
}

std::vector<std::string> find_missing_inputs(
    std::string_view question, const std::vector<std::pair<std::string, std::string>>& inputs) {
  Statement statement(question);
  // Lists first: their items need places in order, a scalar takes any that is left.
  std::vector<bool> is_stated(inputs.size());
  for (const bool lists : {true, false}) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<Leaf> leaves = leaves_of_repr(inputs[i].second);
      if ((leaves.size() > 1) == lists) is_stated[i] = states(statement, leaves);
    }
  }
  std::vector<std::string> missing;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!is_stated[i]) missing.push_back(inputs[i].first);
  }
  return missing;
}

}  // namespace caco
