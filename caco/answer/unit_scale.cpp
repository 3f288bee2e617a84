#include "caco/answer/unit_scale.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace caco {
namespace {

struct Dimension {
  std::string_view name;
  int64_t power = 1;
};

struct BaseUnit {
  int64_t above;
  int64_t below;
  std::vector<Dimension> dimensions;
};

// International definitions: a foot is 0.3048 m, a pound 0.45359237 kg, a US gallon 231 cubic
// inches. Money and information have units of their own; currencies are not converted. Months and
// years have no fixed number of days, so that they are a dimension of their own.
const std::unordered_map<std::string_view, BaseUnit>& base_units() {
  static const std::vector<Dimension> kForce = {{"mass", 1}, {"length", 1}, {"time", -2}};
  static const std::vector<Dimension> kEnergy = {{"mass", 1}, {"length", 2}, {"time", -2}};
  static const std::vector<Dimension> kPower = {{"mass", 1}, {"length", 2}, {"time", -3}};
  static const std::vector<Dimension> kPressure = {{"mass", 1}, {"length", -1}, {"time", -2}};
  static const std::vector<Dimension> kVolt = {
      {"mass", 1}, {"length", 2}, {"time", -3}, {"current", -1}};
  static const std::vector<Dimension> kOhm = {
      {"mass", 1}, {"length", 2}, {"time", -3}, {"current", -2}};
  static const std::vector<Dimension> kTesla = {{"mass", 1}, {"time", -2}, {"current", -1}};
  static const std::vector<Dimension> kVolume = {{"length", 3}};
  static const std::unordered_map<std::string_view, BaseUnit> kUnits = {
      {"meter", {1, 1, {{"length"}}}},
      {"mile", {1609344, 1000, {{"length"}}}},
      {"yard", {9144, 10000, {{"length"}}}},
      {"foot", {3048, 10000, {{"length"}}}},
      {"inch", {254, 10000, {{"length"}}}},
      {"hectare", {10000, 1, {{"length", 2}}}},
      {"acre", {40468564224, 10000000, {{"length", 2}}}},
      {"liter", {1, 1000, kVolume}},
      {"gallon", {3785411784, 1000000000000, kVolume}},
      {"quart", {946352946, 1000000000000, kVolume}},
      {"pint", {473176473, 1000000000000, kVolume}},
      {"cup", {473176473, 2000000000000, kVolume}},
      {"tablespoon", {473176473, 32000000000000, kVolume}},
      {"teaspoon", {473176473, 96000000000000, kVolume}},
      {"tonne", {1000, 1, {{"mass"}}}},
      {"gram", {1, 1000, {{"mass"}}}},
      {"pound", {45359237, 100000000, {{"mass"}}}},
      {"ounce", {45359237, 1600000000, {{"mass"}}}},
      {"second", {1, 1, {{"time"}}}},
      {"minute", {60, 1, {{"time"}}}},
      {"hour", {3600, 1, {{"time"}}}},
      {"day", {86400, 1, {{"time"}}}},
      {"week", {604800, 1, {{"time"}}}},
      {"month", {1, 1, {{"months"}}}},
      {"year", {12, 1, {{"months"}}}},
      {"decade", {120, 1, {{"months"}}}},
      {"century", {1200, 1, {{"months"}}}},
      {"newton", {1, 1, kForce}},
      {"joule", {1, 1, kEnergy}},
      {"watt", {1, 1, kPower}},
      {"pascal", {1, 1, kPressure}},
      {"bar", {100000, 1, kPressure}},
      {"atmosphere", {101325, 1, kPressure}},
      {"hertz", {1, 1, {{"time", -1}}}},
      {"ampere", {1, 1, {{"current"}}}},
      {"coulomb", {1, 1, {{"current"}, {"time"}}}},
      {"volt", {1, 1, kVolt}},
      {"ohm", {1, 1, kOhm}},
      {"tesla", {1, 1, kTesla}},
      {"mole", {1, 1, {{"amount"}}}},
      {"dollar", {1, 1, {{"dollar"}}}},
      {"cent", {1, 100, {{"dollar"}}}},
      {"euro", {1, 1, {{"euro"}}}},
      {"yen", {1, 1, {{"yen"}}}},
      {"rupee", {1, 1, {{"rupee"}}}},
      {"bit", {1, 1, {{"information"}}}},
      {"byte", {8, 1, {{"information"}}}},
  };
  return kUnits;
}

// Prefixes of the SI in front of a unit's name: "kilojoule". Kilobytes are left out: they are 1000
// or 1024 bytes.
constexpr std::array<std::pair<std::string_view, int>, 10> kPrefixPowers = {{{"tera", 12},
                                                                             {"giga", 9},
                                                                             {"mega", 6},
                                                                             {"kilo", 3},
                                                                             {"hecto", 2},
                                                                             {"deci", -1},
                                                                             {"centi", -2},
                                                                             {"milli", -3},
                                                                             {"micro", -6},
                                                                             {"nano", -9}}};

struct Scaled {
  const BaseUnit* base = nullptr;
  int exponent = 0;  // of ten
};

Scaled find_unit(std::string_view word) {
  const auto& units = base_units();
  if (const auto found = units.find(word); found != units.end()) return {&found->second, 0};
  for (const auto& [prefix, exponent] : kPrefixPowers) {
    if (!word.starts_with(prefix) || word.ends_with("byte") || word.ends_with("bit")) continue;
    const auto found = units.find(word.substr(prefix.size()));
    return found == units.end() ? Scaled() : Scaled{&found->second, exponent};
  }
  return {};
}

mpq_class factor_of(const Scaled& unit) {
  mpq_class factor(static_cast<long>(unit.base->above), static_cast<long>(unit.base->below));
  factor.canonicalize();
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(unit.exponent)));
  if (unit.exponent < 0) return factor / power;
  return factor * power;
}

// Takes `^2` or `^-1` off the word; 0 when it is no small power.
int64_t take_power(std::string_view& word) {
  const size_t caret = word.find('^');
  if (caret == std::string_view::npos) return 1;
  std::string_view digits = word.substr(caret + 1);
  word = word.substr(0, caret);
  const bool is_negative = digits.starts_with('-');
  if (is_negative) digits.remove_prefix(1);
  if (digits.size() != 1 || digits[0] < '1' || digits[0] > '9') return 0;
  return is_negative ? '0' - digits[0] : digits[0] - '0';
}

}  // namespace

std::optional<UnitScale> unit_scale(const Unit& unit) {
  UnitScale scale;
  scale.factor = 1;
  std::map<std::string_view, int64_t> powers;
  std::string_view rest = unit.name;
  bool is_below = false;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(" /"), rest.size());
    std::string_view word = rest.substr(0, end);
    int64_t power = take_power(word);
    const Scaled found = find_unit(word);
    if (power == 0 || found.base == nullptr) return std::nullopt;
    if (is_below) power = -power;
    const mpq_class one = factor_of(found);
    for (int64_t i = 0; i < std::abs(power); ++i) {
      if (power < 0) {
        scale.factor /= one;
      } else {
        scale.factor *= one;
      }
    }
    for (const Dimension& dimension : found.base->dimensions)
      powers[dimension.name] += power * dimension.power;
    if (end == rest.size()) break;
    is_below = rest[end] == '/';
    rest.remove_prefix(end + 1);
  }
  scale.factor.canonicalize();
  for (const auto& [name, power] : powers) {
    if (power != 0) scale.dimension += std::string(name) + "^" + std::to_string(power) + " ";
  }
  return scale;
}

}  // namespace caco
