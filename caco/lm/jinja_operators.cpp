// The operators of Jinja's expressions; see jinja_operators.h.
#include "caco/lm/jinja_operators.h"

#include <cmath>
#include <utility>

#include "caco/lm/jinja_items.h"

namespace caco::lm {
namespace {

Result<JinjaValue> checked_text(MarkedText text) {
  if (text.bytes.size() > kMaxJinjaTextBytes) return jinja_error("text is too long");
  return JinjaValue(std::move(text));
}

Result<JinjaValue> compare(const std::string& name, const JinjaValue& left,
                           const JinjaValue& right) {
  double order = 0;
  if (left.is_number() && right.is_number()) {
    order = left.number() < right.number() ? -1 : left.number() > right.number() ? 1 : 0;
  } else if (left.text() != nullptr && right.text() != nullptr) {
    order = left.text()->bytes.compare(right.text()->bytes);  // UTF-8 keeps the order of codes
  } else {
    return jinja_error(std::string("cannot compare ") + left.type_name() + " and " +
                       right.type_name());
  }
  if (name == "<") return JinjaValue(order < 0);
  if (name == "<=") return JinjaValue(order <= 0);
  if (name == ">") return JinjaValue(order > 0);
  return JinjaValue(order >= 0);
}

Result<JinjaValue> repeat(const MarkedText& part, int64_t count) {
  const int64_t size = static_cast<int64_t>(part.bytes.size());
  if (count > 0 && size > static_cast<int64_t>(kMaxJinjaTextBytes) / count) {
    return jinja_error("text is too long");
  }
  MarkedText text;
  for (int64_t i = 0; size > 0 && i < count; ++i)
    text.append(part);
  return JinjaValue(std::move(text));
}

Result<JinjaValue> calculate_floating(const std::string& name, double left, double right) {
  if (name == "+") return JinjaValue(left + right);
  if (name == "-") return JinjaValue(left - right);
  if (name == "*") return JinjaValue(left * right);
  if (right == 0) return jinja_error("division by zero");
  if (name == "/") return JinjaValue(left / right);
  if (name == "//") return JinjaValue(std::floor(left / right));
  return JinjaValue(left - right * std::floor(left / right));
}

Result<JinjaValue> calculate_integer(const std::string& name, int64_t left, int64_t right) {
  int64_t result = 0;
  bool overflows = false;
  if (name == "+") {
    overflows = __builtin_add_overflow(left, right, &result);
  } else if (name == "-") {
    overflows = __builtin_sub_overflow(left, right, &result);
  } else if (name == "*") {
    overflows = __builtin_mul_overflow(left, right, &result);
  } else {
    if (right == 0) return jinja_error("division by zero");
    if (right == -1) return calculate_integer("-", 0, name == "%" ? 0 : left);
    // Python rounds the quotient down; the remainder has the sign of the divisor.
    const int64_t remainder = left % right;
    const bool is_off = remainder != 0 && (remainder < 0) != (right < 0);
    result = name == "%" ? remainder + (is_off ? right : 0) : left / right - (is_off ? 1 : 0);
  }
  if (overflows) return jinja_error("number is too large");
  return JinjaValue(result);
}

Result<JinjaValue> calculate(const std::string& name, const JinjaValue& left,
                             const JinjaValue& right) {
  if (name == "+" && left.text() != nullptr && right.text() != nullptr) {
    MarkedText text = *left.text();
    text.append(*right.text());
    return checked_text(std::move(text));
  }
  if (name == "+" && left.list() != nullptr && right.list() != nullptr) {
    JinjaList list = *left.list();
    list.insert(list.end(), right.list()->begin(), right.list()->end());
    if (static_cast<int64_t>(list.size()) > kMaxJinjaListSize)
      return jinja_error("list is too long");
    return JinjaValue(std::move(list));
  }
  if (name == "*" && left.text() != nullptr && right.integer() != nullptr) {
    return repeat(*left.text(), *right.integer());
  }
  if (!left.is_number() || !right.is_number()) {
    return jinja_error("cannot calculate " + std::string(left.type_name()) + " " + name + " " +
                       right.type_name());
  }
  const bool is_floating = left.floating() != nullptr || right.floating() != nullptr;
  if (name == "/" || is_floating) return calculate_floating(name, left.number(), right.number());
  const auto whole = [](const JinjaValue& value) {
    return value.integer() != nullptr ? *value.integer() : int64_t{*value.boolean() ? 1 : 0};
  };
  return calculate_integer(name, whole(left), whole(right));
}

}  // namespace

Result<JinjaValue> apply_jinja_operator(const std::string& name, const JinjaValue& left,
                                        const JinjaValue& right) {
  if (name == "==") return JinjaValue(left.equals(right));
  if (name == "!=") return JinjaValue(!left.equals(right));
  if (name == "in") return JinjaValue(TRY(jinja_contains(right, left)));
  if (name == "not in") return JinjaValue(!TRY(jinja_contains(right, left)));
  if (name == "~") {
    MarkedText text = TRY(to_text(left));
    text.append(TRY(to_text(right)));
    return checked_text(std::move(text));
  }
  if (name == "<" || name == "<=" || name == ">" || name == ">=") {
    return compare(name, left, right);
  }
  return calculate(name, left, right);
}

}  // namespace caco::lm
