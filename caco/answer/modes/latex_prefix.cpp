#include "caco/answer/modes/latex_prefix.h"

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/modes/text_rules.h"
#include "caco/base/ascii.h"

namespace caco {
namespace {

using MaybeDouble = std::optional<double>;

MaybeDouble finite(double value) {
  return std::isfinite(value) ? MaybeDouble(value) : MaybeDouble();
}

// Recursive descent. Each rule returns whether it could read, and leaves its value in value_. A
// repetition that cannot go on leaves the place where it stood, so the longest prefix is kept.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  LatexPrefix read() {
    LatexPrefix prefix;
    if (!read_relation() || !is_token_or_end()) return prefix;
    prefix.num_bytes = static_cast<int64_t>(at_);
    prefix.is_relation = is_relation_;
    if (!is_relation_) prefix.value = value_;
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
        if (!text_rules::starts_with(text_.substr(at_), blank)) continue;
        const size_t end = at_ + blank.size();
        // \leftarrow is another command.
        if (is_ascii_letter(blank.back()) && end < text_.size() && is_ascii_letter(text_[end]))
          continue;
        at_ = end;
        has_skipped = true;
      }
    }
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (!text_rules::starts_with(text_.substr(at_), token)) return false;
    const size_t end = at_ + token.size();
    const bool is_command = token.size() > 1 && token[0] == '\\' && is_ascii_letter(token.back());
    if (is_command && end < text_.size() && is_ascii_letter(text_[end])) return false;
    at_ = end;
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
    if (at_ == text_.size()) return true;
    const char next = text_[at_];
    if (is_ascii_letter(next) || is_digit(next)) return true;
    const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (next == '\\') return is_ascii_letter(after) || after == '{' || after == '}';
    if (next == '.') return is_digit(after);
    return std::string_view("+-*/(){}[]|^_:=<>!,'").find(next) != std::string_view::npos;
  }

  bool read_relation() {
    static constexpr std::array<std::string_view, 12> kRelations = {
        "=", "<=", ">=", "<", ">", "\\leq", "\\le", "\\lt", "\\geq", "\\ge", "\\gt", "\\neq"};
    if (!read_sum()) return false;
    for (;;) {
      const size_t before = at_;
      if (!take_any(kRelations)) return true;
      if (!read_sum()) {
        at_ = before;
        return true;
      }
      is_relation_ = true;
    }
  }

  bool read_sum() {
    if (!read_product()) return false;
    MaybeDouble sum = value_;
    for (;;) {
      const size_t before = at_;
      const bool is_minus = !take("+") && take("-");
      if (before == at_ || at_ == text_.size()) {
        at_ = before;
        break;
      }
      const char sign = text_[at_ - 1];
      if ((sign != '+' && sign != '-') || !read_product()) {
        at_ = before;
        break;
      }
      if (sum && value_) {
        sum = finite(*sum + (is_minus ? -*value_ : *value_));
      } else {
        sum.reset();
      }
    }
    value_ = sum;
    return true;
  }

  bool read_product() {
    if (!read_unary()) return false;
    MaybeDouble product = value_;
    for (;;) {
      static constexpr std::array<std::string_view, 3> kTimes = {"*", "\\times", "\\cdot"};
      static constexpr std::array<std::string_view, 3> kOver = {"/", ":", "\\div"};
      const size_t before = at_;
      const bool is_times = take_any(kTimes);
      if (!is_times && !take_any(kOver)) {
        at_ = before;
        break;
      }
      if (!read_unary()) {
        at_ = before;
        break;
      }
      if (product && value_) {
        product = finite(is_times ? *product * *value_ : *product / *value_);
      } else {
        product.reset();
      }
    }
    value_ = product;
    return true;
  }

  bool read_unary() {
    if (depth_ > kMaxPrefixDepth) return false;
    if (take("+")) return deeper([this] { return read_unary(); });
    if (take("-")) {
      if (!deeper([this] { return read_unary(); })) return false;
      if (value_) value_ = -*value_;
      return true;
    }
    return read_factors();
  }

  // Factors beside each other: 2x, 3\frac{1}{2}.
  bool read_factors() {
    if (!read_postfix()) return false;
    MaybeDouble product = value_;
    for (;;) {
      const size_t before = at_;
      if (!read_postfix()) {
        at_ = before;
        break;
      }
      product = product && value_ ? finite(*product * *value_) : MaybeDouble();
    }
    value_ = product;
    return true;
  }

  bool read_postfix() {
    if (!read_power()) return false;
    while (take("!"))
      value_ = value_ && *value_ >= 0 && *value_ < 170 ? finite(std::tgamma(*value_ + 1))
                                                       : MaybeDouble();
    return true;
  }

  bool read_power() {
    if (!read_component()) return false;
    for (;;) {
      const size_t before = at_;
      const MaybeDouble base = value_;
      if (!take("^")) return true;
      if (!read_argument()) {
        at_ = before;
        value_ = base;
        return true;
      }
      value_ = base && value_ ? finite(std::pow(*base, *value_)) : MaybeDouble();
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
    if (take("|")) return read_bars();
    return read_function() || read_atom();
  }

  // Behind the first bar. As any bar may open or close, going back would read the same bars again
  // and again: what they gave at a place and depth is kept.
  bool read_bars() {
    const auto [found, is_new] = bars_.try_emplace({at_, depth_});
    Bars& bars = found->second;
    if (is_new && deeper([this] { return read_sum(); }) && take("|")) {
      bars = {at_, value_ ? MaybeDouble(std::fabs(*value_)) : MaybeDouble()};
    }
    if (!bars.end) return false;
    at_ = *bars.end;
    value_ = bars.value;
    return true;
  }

  bool read_function() {
    const size_t before = at_;
    if (take("\\sqrt")) {
      MaybeDouble degree = 2;
      if (take("[")) {
        if (!deeper([this] { return read_sum(); }) || !take("]")) return false;
        degree = value_;
      }
      if (!take("{") || !deeper([this] { return read_sum(); }) || !take("}")) {
        at_ = before;
        return false;
      }
      value_ = degree && value_ ? finite(std::pow(*value_, 1 / *degree)) : MaybeDouble();
      return true;
    }
    if (take("\\frac")) {
      if (!read_fraction_part()) return false;
      const MaybeDouble above = value_;
      if (!read_fraction_part()) return false;
      value_ = above && value_ ? finite(*above / *value_) : MaybeDouble();
      return true;
    }
    return false;
  }

  // One digit, or an expression in braces.
  bool read_fraction_part() {
    skip_blanks();
    if (at_ < text_.size() && is_digit(text_[at_])) {
      value_ = text_[at_++] - '0';
      return true;
    }
    return take("{") && deeper([this] { return read_sum(); }) && take("}");
  }

  bool read_atom() {
    skip_blanks();
    if (at_ == text_.size()) return false;
    const char next = text_[at_];
    if (is_digit(next) || next == '.') return read_number();
    if (is_ascii_letter(next)) {
      ++at_;
    } else if (next == '\\' && at_ + 1 < text_.size() && is_ascii_letter(text_[at_ + 1])) {
      if (is_operator_ahead()) return false;
      ++at_;
      while (at_ < text_.size() && is_ascii_letter(text_[at_]))
        ++at_;
    } else {
      return false;
    }
    const size_t before = at_;
    if (take("_") && !read_argument()) at_ = before;
    value_.reset();
    return true;
  }

  // Commands that are operators, and so no symbols.
  bool is_operator_ahead() const {
    static constexpr std::array<std::string_view, 15> kOperators = {
        "\\times", "\\cdot", "\\div", "\\frac", "\\sqrt", "\\le",  "\\leq", "\\lt",
        "\\ge",    "\\geq",  "\\gt",  "\\neq",  "\\int",  "\\sum", "\\lim"};
    size_t end = at_ + 1;
    while (end < text_.size() && is_ascii_letter(text_[end]))
      ++end;
    for (const std::string_view name : kOperators) {
      if (text_.substr(at_, end - at_) == name) return true;
    }
    return false;
  }

  // Digits with commas before groups of three, and a fraction.
  bool read_number() {
    std::string digits;
    size_t at = at_;
    while (at < text_.size() && is_digit(text_[at]))
      digits += text_[at++];
    while (at + 3 < text_.size() && text_[at] == ',' && is_digit(text_[at + 1]) &&
           is_digit(text_[at + 2]) && is_digit(text_[at + 3])) {
      digits.append(text_.substr(at + 1, 3));
      at += 4;
    }
    if (at + 1 < text_.size() && text_[at] == '.' && is_digit(text_[at + 1])) {
      digits += text_[at++];
      while (at < text_.size() && is_digit(text_[at]))
        digits += text_[at++];
    }
    if (digits.empty()) return false;
    at_ = at;
    value_ = text_rules::python_float(digits);
    return true;
  }

  template <typename Rule>
  bool deeper(const Rule& rule) {
    if (depth_ > kMaxPrefixDepth) return false;
    ++depth_;
    const bool is_read = rule();
    --depth_;
    return is_read;
  }

  struct Bars {
    std::optional<size_t> end;  // nothing: no closing bar
    MaybeDouble value;
  };

  std::string_view text_;
  size_t at_ = 0;
  int64_t depth_ = 0;
  std::map<std::pair<size_t, int64_t>, Bars> bars_;  // by the place behind the first, and depth
  bool is_relation_ = false;
  MaybeDouble value_;
};

}  // namespace

LatexPrefix read_latex_prefix(std::string_view text) {
  return Reader(text).read();
}

}  // namespace caco
