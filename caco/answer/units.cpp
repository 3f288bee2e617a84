#include "caco/answer/units.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "caco/answer/clean_text.h"

namespace caco {
namespace {

constexpr size_t kMaxUnitWords = 8;

// Spelling (lower case, singular) to canonical name.
const std::unordered_map<std::string_view, std::string_view>& unit_names() {
  static const std::unordered_map<std::string_view, std::string_view> kNames = {
      {"km", "kilometer"},
      {"kilometer", "kilometer"},
      {"kilometre", "kilometer"},
      {"m", "meter"},
      {"meter", "meter"},
      {"metre", "meter"},
      {"cm", "centimeter"},
      {"centimeter", "centimeter"},
      {"centimetre", "centimeter"},
      {"mm", "millimeter"},
      {"millimeter", "millimeter"},
      {"millimetre", "millimeter"},
      {"dm", "decimeter"},
      {"mile", "mile"},
      {"mi", "mile"},
      {"yard", "yard"},
      {"yd", "yard"},
      {"foot", "foot"},
      {"feet", "foot"},
      {"ft", "foot"},
      {"inch", "inch"},
      {"inches", "inch"},
      {"in", "inch"},
      {"kg", "kilogram"},
      {"kilogram", "kilogram"},
      {"kilo", "kilogram"},
      {"g", "gram"},
      {"gram", "gram"},
      {"mg", "milligram"},
      {"milligram", "milligram"},
      {"ton", "ton"},
      {"tonne", "tonne"},
      {"lb", "pound"},
      {"pound", "pound"},
      {"ounce", "ounce"},
      {"oz", "ounce"},
      {"l", "liter"},
      {"liter", "liter"},
      {"litre", "liter"},
      {"ml", "milliliter"},
      {"milliliter", "milliliter"},
      {"millilitre", "milliliter"},
      {"gallon", "gallon"},
      {"gal", "gallon"},
      {"quart", "quart"},
      {"pint", "pint"},
      {"cup", "cup"},
      {"s", "second"},
      {"sec", "second"},
      {"second", "second"},
      {"min", "minute"},
      {"minute", "minute"},
      {"h", "hour"},
      {"hr", "hour"},
      {"hour", "hour"},
      {"day", "day"},
      {"week", "week"},
      {"month", "month"},
      {"year", "year"},
      {"yr", "year"},
      {"ms", "millisecond"},
      {"millisecond", "millisecond"},
      {"dollar", "dollar"},
      {"usd", "dollar"},
      {"buck", "dollar"},
      {"cent", "cent"},
      {"euro", "euro"},
      {"eur", "euro"},
      {"yen", "yen"},
      {"rupee", "rupee"},
      {"degree", "degree"},
      {"deg", "degree"},
      {"\u00b0", "degree"},
      {"radian", "radian"},
      {"rad", "radian"},
      {"celsius", "celsius"},
      {"fahrenheit", "fahrenheit"},
      {"\u00b0c", "degree celsius"},
      {"\u00b0f", "degree fahrenheit"},
      {"kelvin", "kelvin"},
      {"newton", "newton"},
      {"joule", "joule"},
      {"watt", "watt"},
      {"kw", "kilowatt"},
      {"kwh", "kilowatt hour"},
      {"volt", "volt"},
      {"hz", "hertz"},
      {"hertz", "hertz"},
      {"mph", "mile/hour"},
      {"kmh", "kilometer/hour"},
      {"kph", "kilometer/hour"},
      {"acre", "acre"},
      {"hectare", "hectare"},
      {"bit", "bit"},
      {"byte", "byte"},
      {"kb", "kilobyte"},
      {"mb", "megabyte"},
      {"gb", "gigabyte"},
  };
  return kNames;
}

// Words that change the number before them, or stand for one: what carries them is no plain
// quantity.
const std::unordered_set<std::string_view>& number_words() {
  static const std::unordered_set<std::string_view> kWords = {
      "zero",      "one",        "two",        "three",       "four",          "five",
      "six",       "seven",      "eight",      "nine",        "ten",           "eleven",
      "twelve",    "thirteen",   "fourteen",   "fifteen",     "sixteen",       "seventeen",
      "eighteen",  "nineteen",   "twenty",     "thirty",      "forty",         "fifty",
      "sixty",     "seventy",    "eighty",     "ninety",      "hundred",       "thousand",
      "million",   "billion",    "trillion",   "dozen",       "score",         "gross",
      "half",      "halves",     "third",      "thirds",      "quarter",       "quarters",
      "fourth",    "fourths",    "fifth",      "fifths",      "tenth",         "tenths",
      "hundredth", "hundredths", "thousandth", "thousandths", "squared",       "cubed",
      "factorial", "plus",       "minus",      "times",       "over",          "divided",
      "root",      "choose",     "mod",        "modulo",      "more",          "less",
      "least",     "most",       "not",        "about",       "approximately", "base",
      "double",    "triple",     "twice",      "remainder",   "none",          "nothing",
      "no",        "negative",   "percent"};
  return kWords;
}

constexpr std::array<std::pair<std::string_view, int64_t>, 31> kNumberWordValues = {{
    {"zero", 0},          {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},          {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},          {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15},      {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},       {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
    {"seventy", 70},      {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"thousand", 1000},
    {"million", 1000000},
}};

const std::unordered_set<std::string_view>& math_names() {
  static const std::unordered_set<std::string_view> kNames = {
      "sin",    "cos",      "tan",   "cot",   "sec",    "csc",   "arcsin",  "arccos",
      "arctan", "sinh",     "cosh",  "tanh",  "asin",   "acos",  "atan",    "log",
      "ln",     "lg",       "exp",   "sqrt",  "cbrt",   "abs",   "floor",   "ceil",
      "max",    "min",      "gcd",   "lcm",   "det",    "lim",   "sum",     "prod",
      "pi",     "infinity", "alpha", "beta",  "gamma",  "delta", "epsilon", "zeta",
      "eta",    "theta",    "iota",  "kappa", "lambda", "mu",    "nu",      "xi",
      "rho",    "sigma",    "tau",   "phi",   "chi",    "psi",   "omega"};
  return kNames;
}

bool is_unit_letter(char c) {
  return is_letter(c) || c == '\'';
}

// Drops a plural ending of words outside the table: "apples" = "apple".
std::string_view singular(std::string_view word) {
  if (word.size() > 3 && word.ends_with("s") && !word.ends_with("ss")) word.remove_suffix(1);
  return word;
}

std::optional<std::string_view> known_unit(std::string_view word) {
  const auto& names = unit_names();
  auto found = names.find(word);
  if (found == names.end() && word.size() > 2 && word.ends_with("s")) {
    found = names.find(word.substr(0, word.size() - 1));
  }
  if (found == names.end()) return std::nullopt;
  return found->second;
}

// One word of a unit with its power.
struct UnitWord {
  std::string word;  // lower case
  std::string power;
  char before = ' ';  // '/' when divided by it
};

// Splits "kilometers per hour", "cm^2", "m / s^{2}" into words; nothing when a character does not
// belong into a unit.
std::optional<std::vector<UnitWord>> split_unit(std::string_view text) {
  std::vector<UnitWord> words;
  char before = ' ';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_unit_letter(c)) {
      UnitWord word;
      word.before = std::exchange(before, ' ');
      while (i < text.size() && (is_unit_letter(text[i]) || text[i] == '.')) {
        if (text[i] != '.') {
          word.word +=
              text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        }
        ++i;
      }
      if (word.word == "per") {
        before = '/';
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
    const std::optional<std::string_view> known = known_unit(word.word);
    if (!unit.name.empty() || word.before == '/') unit.name += word.before;
    unit.name += known.has_value() ? *known : singular(word.word);
    const std::string_view power = word.power.empty() ? pending_power : word.power;
    if (!power.empty()) unit.name += "^" + std::string(power);
    pending_power = "";
    unit.is_known = unit.is_known && known.has_value();
  }
  return unit;
}

}  // namespace

std::optional<Unit> parse_unit(std::string_view text, bool is_attached) {
  const bool is_from_text = !text.empty() && text.front() == kTextEdge;
  const std::optional<std::vector<UnitWord>> words = split_unit(text);
  if (!words.has_value()) return std::nullopt;
  for (const UnitWord& word : *words) {
    if (word.word == "am" || word.word == "pm" || word.word == "or" || word.word == "and" ||
        is_number_word(word.word) || is_math_name(word.word)) {
      if (word.word != "min" && (word.word != "sec" || words->size() > 1)) return std::nullopt;
    }
  }
  const UnitWord& first = words->front();
  const bool is_known = known_unit(first.word).has_value();
  const bool is_ordinal =
      is_attached && words->size() == 1 && first.power.empty() &&
      (first.word == "st" || first.word == "nd" || first.word == "rd" || first.word == "th");
  // Outside \text, one or two letters are a unit only when they are in the table, and a single
  // letter only when it stands apart with nothing after it: `3m` and `3 s^2` are mathematics.
  if (!is_from_text && !is_ordinal) {
    if (is_attached && (!is_known || first.word.size() == 1)) return std::nullopt;
    if (first.word.size() == 1 &&
        !(is_single_letter_unit(first.word) &&
          (words->size() == 1 ? first.power.empty() : (*words)[1].before == '/'))) {
      return std::nullopt;
    }
    if (first.word.size() == 2 && !is_known && words->front().word != "sq") return std::nullopt;
  }
  Unit unit = join_unit(*words);
  if (unit.name.empty()) return std::nullopt;
  return unit;
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

bool is_number_word(std::string_view word) {
  return number_words().count(word) > 0;
}

std::optional<int64_t> number_word_value(std::string_view word) {
  for (const auto& [name, value] : kNumberWordValues) {
    if (name == word) return value;
  }
  return std::nullopt;
}

bool is_math_name(std::string_view name) {
  return math_names().count(name) > 0;
}

}  // namespace caco
