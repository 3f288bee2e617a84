#include "caco/answer/unit_scale.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>

namespace caco {
namespace {

struct BaseUnit {
  std::string_view dimension;
  int64_t above;
  int64_t below;
  int64_t power = 1;
};

// International definitions: a foot is 0.3048 m, a pound 0.45359237 kg, a US gallon 231 cubic
// inches. Money, angles and information have units of their own; currencies are not converted.
const std::unordered_map<std::string_view, BaseUnit>& base_units() {
  static const std::unordered_map<std::string_view, BaseUnit> kUnits = {
      {"kilometer", {"length", 1000, 1}},
      {"meter", {"length", 1, 1}},
      {"decimeter", {"length", 1, 10}},
      {"centimeter", {"length", 1, 100}},
      {"millimeter", {"length", 1, 1000}},
      {"mile", {"length", 1609344, 1000}},
      {"yard", {"length", 9144, 10000}},
      {"foot", {"length", 3048, 10000}},
      {"inch", {"length", 254, 10000}},
      {"hectare", {"length", 10000, 1, 2}},
      {"acre", {"length", 40468564224, 10000000, 2}},
      {"liter", {"length", 1, 1000, 3}},
      {"milliliter", {"length", 1, 1000000, 3}},
      {"gallon", {"length", 3785411784, 1000000000000, 3}},
      {"quart", {"length", 946352946, 1000000000000, 3}},
      {"pint", {"length", 473176473, 1000000000000, 3}},
      {"tonne", {"mass", 1000, 1}},
      {"kilogram", {"mass", 1, 1}},
      {"gram", {"mass", 1, 1000}},
      {"milligram", {"mass", 1, 1000000}},
      {"pound", {"mass", 45359237, 100000000}},
      {"ounce", {"mass", 45359237, 1600000000}},
      {"second", {"time", 1, 1}},
      {"millisecond", {"time", 1, 1000}},
      {"minute", {"time", 60, 1}},
      {"hour", {"time", 3600, 1}},
      {"day", {"time", 86400, 1}},
      {"week", {"time", 604800, 1}},
      {"dollar", {"dollar", 1, 1}},
      {"cent", {"dollar", 1, 100}},
      {"euro", {"euro", 1, 1}},
      {"yen", {"yen", 1, 1}},
      {"rupee", {"rupee", 1, 1}},
      {"bit", {"information", 1, 1}},
      {"byte", {"information", 8, 1}},
  };
  return kUnits;
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
    int64_t power = 1;
    if (const size_t caret = word.find('^'); caret != std::string_view::npos) {
      const std::string_view digits = word.substr(caret + 1);
      if (digits.size() != 1 || digits[0] < '1' || digits[0] > '9') return std::nullopt;
      power = digits[0] - '0';
      word = word.substr(0, caret);
    }
    const auto found = base_units().find(word);
    if (found == base_units().end()) return std::nullopt;
    const BaseUnit& base = found->second;
    mpq_class one(static_cast<long>(base.above), static_cast<long>(base.below));
    one.canonicalize();
    for (int64_t i = 0; i < power; ++i) {
      if (is_below) {
        scale.factor /= one;
      } else {
        scale.factor *= one;
      }
    }
    powers[base.dimension] += (is_below ? -1 : 1) * power * base.power;
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
