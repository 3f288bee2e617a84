// Numbers whose digits are grouped or stand to a base: `1_000_000`, "1.234.567", `101_2`, 0xff.
#include <algorithm>
#include <string>

#include "caco/answer/parser.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

// `1_000_000` of programs and `1.234.567` of other countries. One separated group alone is left to
// the other forms: `12_345` has an index, and "1.234" is a decimal.
std::optional<Value> Parser::digits_in_groups(std::string_view text) {
  const size_t first = text.find_first_not_of("0123456789");
  if (first == 0 || first > 3 || first == std::string_view::npos || text.size() > 40) {
    return std::nullopt;
  }
  const char separator = text[first];
  if (separator != '_' && separator != '.') return std::nullopt;
  std::string digits(text.substr(0, first));
  size_t at = first;
  while (at + 3 < text.size() && text[at] == separator &&
         text.substr(at + 1, 3).find_first_not_of("0123456789") == std::string_view::npos) {
    digits += text.substr(at + 1, 3);
    at += 4;
  }
  const bool has_two_groups = at >= first + 8;
  if (at != text.size() || at == first || (separator == '.' && !has_two_groups))
    return std::nullopt;
  return scan_quantity(digits, context_);
}

// `101_2`, `2010_{five}`: digits to a base.
std::optional<Value> Parser::based_number(std::string_view text, int64_t) {
  if (text.size() > 2 && text.size() < 200 && text[0] == '0' && !is_digit(text[1])) {
    // Python's 0b101, 0o17, 0xff.
    const char letter = static_cast<char>(text[1] | 0x20);
    const int python_base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    Value value = simple_value(ValueKind::Number);
    const std::string python_digits(text.substr(2));
    if (python_base == 0 ||
        !std::all_of(python_digits.begin(), python_digits.end(), is_hex_digit) ||
        mpz_set_str(value.number.value.get_num_mpz_t(), python_digits.c_str(), python_base) != 0) {
      return std::nullopt;
    }
    return value;
  }
  if (MaybeValue grouped = digits_in_groups(text)) return grouped;
  const size_t at = text.find('_');
  if (at == 0 || at == std::string_view::npos || text.size() > 2000) return std::nullopt;
  const bool is_negative = text[0] == '-';
  std::string digits(trim(text.substr(is_negative ? 1 : 0, at - (is_negative ? 1 : 0))));
  if (digits.starts_with("(") && digits.ends_with(")"))
    digits = digits.substr(1, digits.size() - 2);
  std::string base_text(trim(text.substr(at + 1)));
  if (base_text.starts_with("{") && base_text.ends_with("}")) {
    base_text = base_text.substr(1, base_text.size() - 2);
  }
  base_text = fold_case_and_space(base_text);
  const bool has_digits = std::all_of(digits.begin(), digits.end(), is_hex_digit);
  if (base_text.empty() || digits.empty() || !has_digits) return std::nullopt;
  int64_t base = number_word_value(base_text).value_or(0);
  if (base == 0 && base_text.size() <= 2 &&
      std::all_of(base_text.begin(), base_text.end(), is_digit)) {
    base = std::stoi(base_text);
  }
  Value value = simple_value(ValueKind::Number);
  if (base < 2 || base > 36 || (base <= 10 && !is_digit(digits[0])) ||
      mpz_set_str(value.number.value.get_num_mpz_t(), digits.c_str(), static_cast<int>(base)) !=
          0) {
    return std::nullopt;
  }
  if (is_negative) value.number.value = -value.number.value;
  value.base = base;
  value.text = digits;
  return value;
}

}  // namespace caco
