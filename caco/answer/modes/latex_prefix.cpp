#include "caco/answer/modes/latex_prefix.h"

#include <array>
#include <cctype>
#include <cmath>
#include <string>

#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

using Value = std::optional<double>;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

Value finite(double value) {
  return std::isfinite(value) ? Value(value) : Value();
}

// Recursive descent. Each rule returns whether it could read, and leaves its value in x_value. A
// repetition that cannot go on leaves the place where it stood, so the longest prefix is kept.
class Reader {
 public:
  explicit Reader(std::string_view text) : x_text(text) {}

  LatexPrefix read() {
    LatexPrefix prefix;
    if (!read_relation() || !is_token_or_end()) return prefix;
    prefix.num_bytes = static_cast<int64_t>(x_at);
    prefix.is_relation = x_is_relation;
    if (!x_is_relation) prefix.value = x_value;
    return prefix;
  }

 private:
  void skip_blanks() {
    static constexpr std::array<std::string_view, 12> kBlanks = {
        "\\,",    "\\:",     "\\;", "\\!", "\\quad", "\\qquad",
        "\\left", "\\right", " ",   "\t",  "\n",     "\r"};
    for (bool has_skipped = true; has_skipped;) {
      has_skipped = false;
      for (const std::string_view blank : kBlanks) {
        if (!text_rules::starts_with(x_text.substr(x_at), blank)) continue;
        const size_t end = x_at + blank.size();
        // \leftarrow is another command.
        if (is_letter(blank.back()) && end < x_text.size() && is_letter(x_text[end])) continue;
        x_at = end;
        has_skipped = true;
      }
    }
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (!text_rules::starts_with(x_text.substr(x_at), token)) return false;
    const size_t end = x_at + token.size();
    const bool is_command = token.size() > 1 && token[0] == '\\' && is_letter(token.back());
    if (is_command && end < x_text.size() && is_letter(x_text[end])) return false;
    x_at = end;
    return true;
  }

  template <size_t N>
  bool take_any(const std::array<std::string_view, N>& tokens) {
    for (const std::string_view token : tokens) {
      if (take(token)) return true;
    }
    return false;
  }

  // Text that is no token at all makes such parsers refuse everything.
  bool is_token_or_end() {
    skip_blanks();
    if (x_at == x_text.size()) return true;
    const char next = x_text[x_at];
    if (is_letter(next) || is_digit(next)) return true;
    const char after = x_at + 1 < x_text.size() ? x_text[x_at + 1] : '\0';
    if (next == '\\') return is_letter(after) || after == '{' || after == '}';
    if (next == '.') return is_digit(after);
    return std::string_view("+-*/(){}[]|^_:=<>!,'").find(next) != std::string_view::npos;
  }

  bool read_relation() {
    static constexpr std::array<std::string_view, 12> kRelations = {
        "=", "<=", ">=", "<", ">", "\\leq", "\\le", "\\lt", "\\geq", "\\ge", "\\gt", "\\neq"};
    if (!read_sum()) return false;
    for (;;) {
      const size_t before = x_at;
      if (!take_any(kRelations)) return true;
      if (!read_sum()) {
        x_at = before;
        return true;
      }
      x_is_relation = true;
    }
  }

  bool read_sum() {
    if (!read_product()) return false;
    Value sum = x_value;
    for (;;) {
      const size_t before = x_at;
      const bool is_minus = !take("+") && take("-");
      if (before == x_at || x_at == x_text.size()) {
        x_at = before;
        break;
      }
      const char sign = x_text[x_at - 1];
      if ((sign != '+' && sign != '-') || !read_product()) {
        x_at = before;
        break;
      }
      if (sum && x_value) {
        sum = finite(*sum + (is_minus ? -*x_value : *x_value));
      } else {
        sum.reset();
      }
    }
    x_value = sum;
    return true;
  }

  bool read_product() {
    if (!read_unary()) return false;
    Value product = x_value;
    for (;;) {
      static constexpr std::array<std::string_view, 3> kTimes = {"*", "\\times", "\\cdot"};
      static constexpr std::array<std::string_view, 3> kOver = {"/", ":", "\\div"};
      const size_t before = x_at;
      const bool is_times = take_any(kTimes);
      if (!is_times && !take_any(kOver)) {
        x_at = before;
        break;
      }
      if (!read_unary()) {
        x_at = before;
        break;
      }
      if (product && x_value) {
        product = finite(is_times ? *product * *x_value : *product / *x_value);
      } else {
        product.reset();
      }
    }
    x_value = product;
    return true;
  }

  bool read_unary() {
    if (x_depth > kMaxPrefixDepth) return false;
    if (take("+")) return deeper([this] { return read_unary(); });
    if (take("-")) {
      if (!deeper([this] { return read_unary(); })) return false;
      if (x_value) x_value = -*x_value;
      return true;
    }
    return read_factors();
  }

  // Factors beside each other: 2x, 3\frac{1}{2}.
  bool read_factors() {
    if (!read_postfix()) return false;
    Value product = x_value;
    for (;;) {
      const size_t before = x_at;
      if (!read_postfix()) {
        x_at = before;
        break;
      }
      product = product && x_value ? finite(*product * *x_value) : Value();
    }
    x_value = product;
    return true;
  }

  bool read_postfix() {
    if (!read_power()) return false;
    while (take("!"))
      x_value =
          x_value && *x_value >= 0 && *x_value < 170 ? finite(std::tgamma(*x_value + 1)) : Value();
    return true;
  }

  bool read_power() {
    if (!read_component()) return false;
    for (;;) {
      const size_t before = x_at;
      const Value base = x_value;
      if (!take("^")) return true;
      if (!read_argument()) {
        x_at = before;
        x_value = base;
        return true;
      }
      x_value = base && x_value ? finite(std::pow(*base, *x_value)) : Value();
    }
  }

  // {expression}, or one token.
  bool read_argument() {
    if (take("{")) {
      return deeper([this] { return read_sum(); }) && take("}");
    }
    return read_atom();
  }

  bool read_component() {
    static constexpr std::array<std::array<std::string_view, 2>, 4> kGroups = {
        {{"(", ")"}, {"[", "]"}, {"{", "}"}, {"\\{", "\\}"}}};
    skip_blanks();
    for (const auto& [open, close] : kGroups) {
      if (!take(open)) continue;
      return deeper([this] { return read_sum(); }) && take(close);
    }
    if (take("|")) {
      if (!deeper([this] { return read_sum(); }) || !take("|")) return false;
      if (x_value) x_value = std::fabs(*x_value);
      return true;
    }
    return read_function() || read_atom();
  }

  bool read_function() {
    const size_t before = x_at;
    if (take("\\sqrt")) {
      Value degree = 2;
      if (take("[")) {
        if (!deeper([this] { return read_sum(); }) || !take("]")) return false;
        degree = x_value;
      }
      if (!take("{") || !deeper([this] { return read_sum(); }) || !take("}")) {
        x_at = before;
        return false;
      }
      x_value = degree && x_value ? finite(std::pow(*x_value, 1 / *degree)) : Value();
      return true;
    }
    if (take("\\frac")) {
      if (!read_fraction_part()) return false;
      const Value above = x_value;
      if (!read_fraction_part()) return false;
      x_value = above && x_value ? finite(*above / *x_value) : Value();
      return true;
    }
    return false;
  }

  // One digit, or an expression in braces.
  bool read_fraction_part() {
    skip_blanks();
    if (x_at < x_text.size() && is_digit(x_text[x_at])) {
      x_value = x_text[x_at++] - '0';
      return true;
    }
    return take("{") && deeper([this] { return read_sum(); }) && take("}");
  }

  bool read_atom() {
    skip_blanks();
    if (x_at == x_text.size()) return false;
    const char next = x_text[x_at];
    if (is_digit(next) || next == '.') return read_number();
    if (is_letter(next)) {
      ++x_at;
    } else if (next == '\\' && x_at + 1 < x_text.size() && is_letter(x_text[x_at + 1])) {
      if (is_operator_ahead()) return false;
      ++x_at;
      while (x_at < x_text.size() && is_letter(x_text[x_at]))
        ++x_at;
    } else {
      return false;
    }
    const size_t before = x_at;
    if (take("_") && !read_argument()) x_at = before;
    x_value.reset();
    return true;
  }

  // Commands that are operators, and so no symbols.
  bool is_operator_ahead() const {
    static constexpr std::array<std::string_view, 15> kOperators = {
        "\\times", "\\cdot", "\\div", "\\frac", "\\sqrt", "\\le",  "\\leq", "\\lt",
        "\\ge",    "\\geq",  "\\gt",  "\\neq",  "\\int",  "\\sum", "\\lim"};
    size_t end = x_at + 1;
    while (end < x_text.size() && is_letter(x_text[end]))
      ++end;
    for (const std::string_view name : kOperators) {
      if (x_text.substr(x_at, end - x_at) == name) return true;
    }
    return false;
  }

  // Digits with commas before groups of three, and a fraction.
  bool read_number() {
    std::string digits;
    size_t at = x_at;
    while (at < x_text.size() && is_digit(x_text[at]))
      digits += x_text[at++];
    while (at + 3 < x_text.size() && x_text[at] == ',' && is_digit(x_text[at + 1]) &&
           is_digit(x_text[at + 2]) && is_digit(x_text[at + 3])) {
      digits.append(x_text.substr(at + 1, 3));
      at += 4;
    }
    if (at + 1 < x_text.size() && x_text[at] == '.' && is_digit(x_text[at + 1])) {
      digits += x_text[at++];
      while (at < x_text.size() && is_digit(x_text[at]))
        digits += x_text[at++];
    }
    if (digits.empty()) return false;
    x_at = at;
    x_value = text_rules::python_float(digits);
    return true;
  }

  template <typename Rule>
  bool deeper(const Rule& rule) {
    if (x_depth > kMaxPrefixDepth) return false;
    ++x_depth;
    const bool is_read = rule();
    --x_depth;
    return is_read;
  }

  std::string_view x_text;
  size_t x_at = 0;
  int64_t x_depth = 0;
  bool x_is_relation = false;
  Value x_value;
};

}  // namespace

LatexPrefix read_latex_prefix(std::string_view text) {
  return Reader(text).read();
}

}  // namespace caco
