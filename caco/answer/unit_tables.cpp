#include "caco/answer/unit_tables.h"

#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "caco/answer/units.h"

namespace caco {
namespace {

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
      {"\u00b0c", "celsius"},
      {"\u00b0f", "fahrenheit"},
      {"\u00b0celsius", "celsius"},
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
      {"kilowatt", "kilowatt"},
      {"ampere", "ampere"},
      {"amp", "ampere"},
      {"pascal", "pascal"},
      {"ohm", "ohm"},
      {"\\omega", "ohm"},
      {"coulomb", "coulomb"},
      {"tesla", "tesla"},
      {"mole", "mole"},
      {"bar", "bar"},
      {"atm", "atmosphere"},
      {"atmosphere", "atmosphere"},
      {"calorie", "calorie"},
      {"cal", "calorie"},
      {"kcal", "kilocalorie"},
      {"megabyte", "megabyte"},
      {"gigabyte", "gigabyte"},
      {"kilobyte", "kilobyte"},
      {"terabyte", "terabyte"},
      {"tb", "terabyte"},
      {"tablespoon", "tablespoon"},
      {"tbsp", "tablespoon"},
      {"teaspoon", "teaspoon"},
      {"tsp", "teaspoon"},
      {"decade", "decade"},
      {"century", "century"},
      {"centuries", "century"},
      {"penny", "cent"},
      {"pennies", "cent"},
      {"\u00a2", "cent"},
  };
  return kNames;
}

struct UnitSymbol {
  std::string_view text;
  std::string_view name;
};

// Symbols of the SI, in which case matters: mJ and MJ. Those of coulomb and farad are left out,
// since a C or F is a temperature more often.
constexpr std::array<UnitSymbol, 19> kSymbols = {{
    {"ohm", "ohm"},      {"N", "newton"}, {"J", "joule"},         {"W", "watt"},    {"V", "volt"},
    {"A", "ampere"},     {"T", "tesla"},  {"K", "kelvin"},        {"Pa", "pascal"}, {"Hz", "hertz"},
    {"Wh", "watt hour"}, {"mol", "mole"}, {"eV", "electronvolt"}, {"bar", "bar"},   {"m", "meter"},
    {"g", "gram"},       {"s", "second"}, {"L", "liter"},         {"l", "liter"},
}};
constexpr std::array<UnitSymbol, 12> kPrefixSymbols = {{
    {"T", "tera"},
    {"G", "giga"},
    {"M", "mega"},
    {"k", "kilo"},
    {"h", "hecto"},
    {"d", "deci"},
    {"c", "centi"},
    {"m", "milli"},
    {"\u00b5", "micro"},
    {"\u03bc", "micro"},
    {"u", "micro"},
    {"n", "nano"},
}};

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
      "sin",    "cos",    "tan",      "cot",     "sec",     "csc",    "arcsin", "arccos",
      "arctan", "sinh",   "cosh",     "tanh",    "sech",    "csch",   "coth",   "arsinh",
      "arcosh", "artanh", "arcsinh",  "arccosh", "arctanh", "asin",   "acos",   "atan",
      "log",    "ln",     "lg",       "exp",     "sqrt",    "cbrt",   "abs",    "floor",
      "ceil",   "max",    "min",      "gcd",     "lcm",     "det",    "lim",    "sum",
      "prod",   "pi",     "infinity", "alpha",   "beta",    "gamma",  "delta",  "epsilon",
      "zeta",   "eta",    "theta",    "iota",    "kappa",   "lambda", "mu",     "nu",
      "xi",     "rho",    "sigma",    "tau",     "phi",     "chi",    "psi",    "omega"};
  return kNames;
}

std::optional<std::string> unit_of_symbol(std::string_view written) {
  for (const UnitSymbol& symbol : kSymbols) {
    if (!written.ends_with(symbol.text)) continue;
    const std::string_view rest = written.substr(0, written.size() - symbol.text.size());
    if (rest.empty()) return std::string(symbol.name);
    for (const UnitSymbol& prefix : kPrefixSymbols) {
      if (prefix.text == rest) return std::string(prefix.name) + std::string(symbol.name);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_unit_name(std::string_view lower, std::string_view written) {
  const auto& names = unit_names();
  auto found = names.find(lower);
  if (found == names.end() && lower.size() > 2 && lower.ends_with("s")) {
    found = names.find(lower.substr(0, lower.size() - 1));
  }
  if (found == names.end()) return unit_of_symbol(written);
  return std::string(found->second);
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
