#include "caco/answer/scan_number.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

constexpr int64_t kMaxFractionDepth = 8;

mpz_class power_of_ten(int64_t exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

void scale_by_ten(mpq_class& value, int64_t exponent) {
  if (exponent == 0) return;
  const mpz_class power = power_of_ten(std::abs(exponent));
  if (exponent > 0) {
    value *= power;
  } else {
    value /= power;
  }
}

class Scanner {
 public:
  Scanner(std::string_view text, ScanContext& context) : text_(text), context_(context) {}

  std::optional<Value> quantity() {
    skip_spaces();
    bool is_negative = sign();
    const std::optional<CurrencySign> currency = find_currency_sign(rest());
    if (currency.has_value()) {
      at_ += static_cast<size_t>(currency->num_bytes);
      has_currency_ = true;
      skip_spaces();
      if (!is_negative) is_negative = sign();
    }
    std::optional<Number> number = real();
    if (!number.has_value() || context_.is_over_limit) return std::nullopt;
    if (is_negative) number->value = -number->value;

    Value value;
    value.kind = ValueKind::Number;
    value.number = std::move(*number);
    if (currency.has_value()) value.unit = Unit{std::string(currency->unit), true};
    scale_word(value.number);
    if (percent(value.number)) return finish_percent(std::move(value));
    return finish_unit(std::move(value), currency.has_value());
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  bool at_end() const { return at_ >= text_.size(); }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_spaces() {
    while (!at_end() && is_space(text_[at_]))
      ++at_;
  }
  bool accept(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  // Returns whether a minus sign was read.
  bool sign() {
    if (peek() != '-' && peek() != '+') return false;
    const bool is_negative = peek() == '-';
    ++at_;
    skip_spaces();
    return is_negative;
  }

  bool spend_bits(int64_t num_digits) {
    context_.bits_left -= num_digits * 10 / 3 + 64;
    if (num_digits > kMaxNumberDigits || context_.bits_left < 0) context_.is_over_limit = true;
    return !context_.is_over_limit;
  }

  // An unsigned number of any form.
  std::optional<Number> real() {
    if (rest().starts_with("\\frac")) return latex_fraction();
    if (!is_digit(peek()) && !(peek() == '.' && is_digit(peek(1)))) return std::nullopt;
    const size_t start = at_;
    std::optional<Number> number = decimal();
    if (!number.has_value()) return std::nullopt;
    const bool is_ten = text_.substr(start, at_ - start) == "10";
    if (is_ten && peek() == '^') {
      at_ = start;
      number->value = 1;
      number->num_significant = 1;
      return times_power_of_ten(std::move(*number));
    }
    const size_t after = at_;
    skip_spaces();
    if (peek() == '*' || peek() == 'x' || peek() == 'X') {
      ++at_;
      if (accept("*")) return std::nullopt;
      skip_spaces();
      if (rest().starts_with("10^") || rest().starts_with("10 ^") || rest().starts_with("10**")) {
        return times_power_of_ten(std::move(*number));
      }
      return std::nullopt;
    }
    // "$12/hour" is counted per hour.
    if (peek() == '/' && !(has_currency_ && is_letter(peek(1)))) {
      ++at_;
      return denominator(*number);
    }
    if (!number->is_decimal &&
        (rest().starts_with("\\frac") || (at_ > after && is_digit(peek())))) {
      return mixed(std::move(*number));
    }
    at_ = after;
    return number;
  }

  // Digits with grouping commas or blanks, a fraction part and an exponent.
  std::optional<Number> decimal() {
    std::string digits;
    read_digits(digits);
    group(digits);
    Number number;
    int64_t num_decimals = 0;
    if (peek() == '.' && (is_digit(peek(1)) || at_ + 1 == text_.size())) {
      ++at_;
      const size_t before = digits.size();
      read_digits(digits);
      num_decimals = static_cast<int64_t>(digits.size() - before);
      number.is_decimal = num_decimals > 0;
    }
    int64_t exponent = 0;
    if (const std::optional<int64_t> read = letter_exponent(); read.has_value()) {
      exponent = *read;
      number.is_decimal = true;
    }
    if (!spend_bits(static_cast<int64_t>(digits.size()) + std::abs(exponent))) {
      return std::nullopt;
    }
    number.last_place = exponent - num_decimals;
    const size_t first = digits.find_first_not_of('0');
    number.num_significant =
        first == std::string::npos ? 0 : static_cast<int64_t>(digits.size() - first);
    if (digits.size() <= 18) {
      number.value = static_cast<long>(std::stoll(digits));
    } else {
      number.value.get_num().set_str(digits, 10);
    }
    scale_by_ten(number.value, number.last_place);
    return number;
  }

  void read_digits(std::string& digits) {
    while (is_digit(peek()))
      digits += text_[at_++];
  }

  // "1,234,567" and "1 234 567": after one to three digits, groups of exactly three.
  void group(std::string& digits) {
    if (digits.empty() || digits.size() > 3 || digits[0] == '0') return;
    const char separator = peek();
    if (separator != ' ' && !(separator == ',' && context_.commas_group)) return;
    while (peek() == separator && is_digit(peek(1)) && is_digit(peek(2)) && is_digit(peek(3)) &&
           !is_digit(peek(4)) && !(separator == ' ' && peek(4) == '/')) {
      ++at_;
      read_digits(digits);
      context_.saw_grouping = context_.saw_grouping || separator == ',';
    }
  }

  // The exponent of "1e-7"; a letter after the digits means that `e` is no exponent.
  std::optional<int64_t> letter_exponent() {
    if (peek() != 'e' && peek() != 'E') return std::nullopt;
    const size_t start = at_++;
    const std::optional<int64_t> exponent = signed_exponent();
    if (!exponent.has_value() || is_ascii_letter(peek())) {
      at_ = start;
      return std::nullopt;
    }
    return exponent;
  }

  // A small signed integer; a large one sets the limit flag.
  std::optional<int64_t> signed_exponent() {
    const bool is_negative = peek() == '-';
    if (peek() == '-' || peek() == '+') ++at_;
    if (!is_digit(peek())) return std::nullopt;
    int64_t exponent = 0;
    while (is_digit(peek())) {
      exponent = std::min<int64_t>(exponent * 10 + (text_[at_++] - '0'), kMaxExponent + 1);
    }
    if (exponent > kMaxExponent) context_.is_over_limit = true;
    return is_negative ? -exponent : exponent;
  }

  // `10^{5}`, `10^5`, `10**5` after a mantissa.
  std::optional<Number> times_power_of_ten(Number number) {
    if (!accept("10")) return std::nullopt;
    skip_spaces();
    if (!accept("**") && !accept("^")) return std::nullopt;
    skip_spaces();
    const char close = accept("{") ? '}' : accept("(") ? ')' : '\0';
    skip_spaces();
    const std::optional<int64_t> exponent = signed_exponent();
    if (!exponent.has_value() || !spend_bits(std::abs(*exponent))) return std::nullopt;
    skip_spaces();
    if (close != '\0' && peek() != close) return std::nullopt;
    if (close != '\0') ++at_;
    scale_by_ten(number.value, *exponent);
    number.last_place += *exponent;
    return number;
  }

  std::optional<Number> denominator(const Number& numerator) {
    skip_spaces();
    const bool is_negative = sign();
    if (!is_digit(peek())) return std::nullopt;
    std::optional<Number> below = decimal();
    if (!below.has_value()) return std::nullopt;
    if (is_negative) below->value = -below->value;
    return divide(numerator, *below);
  }

  // The rest of "2 3/4" or `2\frac{3}{4}`; the fraction must be a proper one.
  std::optional<Number> mixed(Number whole) {
    std::optional<Number> part;
    if (rest().starts_with("\\frac")) {
      part = latex_fraction();
    } else {
      const std::optional<Number> above = decimal();
      skip_spaces();
      if (above.has_value() && !above->is_decimal && accept("/")) part = denominator(*above);
    }
    if (!part.has_value() || part->value < 0 || part->value >= 1) return std::nullopt;
    whole.value += part->value;
    whole.is_decimal = false;
    return whole;
  }

  // `\frac{a}{b}`, `\frac12`, `\frac{a}2` with numbers inside.
  std::optional<Number> latex_fraction() {
    if (++fraction_depth_ > kMaxFractionDepth || !accept("\\frac")) return std::nullopt;
    const std::optional<Number> above = fraction_argument();
    const std::optional<Number> below = fraction_argument();
    --fraction_depth_;
    if (!above.has_value() || !below.has_value()) return std::nullopt;
    return divide(*above, *below);
  }

  std::optional<Number> fraction_argument() {
    skip_spaces();
    if (is_digit(peek())) {
      Number digit;
      digit.value = peek() - '0';
      ++at_;
      return digit;
    }
    if (!accept("{")) return std::nullopt;
    skip_spaces();
    const bool is_negative = sign();
    std::optional<Number> number = real();
    skip_spaces();
    if (!number.has_value() || !accept("}")) return std::nullopt;
    if (is_negative) number->value = -number->value;
    return number;
  }

  // "3.2 million"
  void scale_word(Number& number) {
    static constexpr std::array<std::pair<std::string_view, int64_t>, 5> kScales = {
        {{"hundred", 2}, {"thousand", 3}, {"million", 6}, {"billion", 9}, {"trillion", 12}}};
    const size_t start = at_;
    skip_spaces();
    for (const auto& [word, exponent] : kScales) {
      if (at_ == start || !rest().starts_with(word)) continue;
      if (is_letter(peek(word.size()))) continue;
      at_ += word.size();
      scale_by_ten(number.value, exponent);
      number.last_place += exponent;
      return;
    }
    if (at_ != start && accept("dozen") && !is_letter(peek())) {
      number.value *= 12;
      number.is_decimal = false;
      return;
    }
    at_ = start;
  }

  bool percent(Number& number) {
    const size_t start = at_;
    skip_spaces();
    if (!accept("%") && !accept("percent") && !accept("per cent") && !accept("pct")) {
      at_ = start;
      return false;
    }
    scale_by_ten(number.value, -2);
    number.last_place -= 2;
    return true;
  }

  std::optional<Value> finish_percent(Value value) {
    skip_spaces();
    if (at_end()) return value;
    // "50% of the students"
    if (!is_letter(peek()) || !parse_unit(rest(), /*is_attached=*/false)) return std::nullopt;
    return value;
  }

  std::optional<Value> finish_unit(Value value, bool has_currency) {
    const std::string_view words = rest();
    if (trim(words).empty()) return value;
    if (const auto sign = find_currency_sign(trim(words)); sign.has_value() && !has_currency) {
      if (static_cast<size_t>(sign->num_bytes) != trim(words).size()) return std::nullopt;
      value.unit = Unit{std::string(sign->unit), true};
      return value;
    }
    const bool is_attached = !is_space(words.front());
    // One \text edge is kept: it says that the words are words.
    const size_t edge = words.find(kTextEdge);
    const size_t first = words.find_first_not_of(" \t\n\a");
    const bool is_text = edge != std::string_view::npos && edge < first;
    std::string_view unit_words = trim(words);
    if (is_text) unit_words = words.substr(edge);
    ReadUnit read = read_unit(unit_words, is_attached);
    if (read.kind == UnitKind::Possible) {
      context_.saw_possible = true;
      if (!context_.units_possible) return std::nullopt;
    }
    if (read.kind == UnitKind::None) return std::nullopt;
    if (!has_currency) {
      value.unit = std::move(read.unit);
    } else if (read.unit.name != value.unit.name) {
      value.unit.name += (read.unit.name.starts_with("/") ? "" : " ") + read.unit.name;
      value.unit.is_known = value.unit.is_known && read.unit.is_known;
    }
    return value;
  }

  std::string_view text_;
  ScanContext& context_;
  size_t at_ = 0;
  int64_t fraction_depth_ = 0;
  bool has_currency_ = false;  // a currency sign stands before the number
};

}  // namespace

std::optional<Value> scan_quantity(std::string_view text, ScanContext& context) {
  return Scanner(text, context).quantity();
}

std::optional<Number> divide(const Number& numerator, const Number& denominator) {
  if (denominator.value == 0) return std::nullopt;
  Number quotient;
  quotient.value = numerator.value / denominator.value;
  return quotient;
}

}  // namespace caco
