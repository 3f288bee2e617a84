// Reads the expressions of a Jinja template into trees; see jinja_expression_parser.h.
#include "caco/lm/jinja_expression_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace caco::lm {
namespace {

using Kind = JinjaExpression::Kind;
using Token = JinjaToken;

// One function a level, from the loosest binding to the tightest.
class ExpressionReader {
 public:
  explicit ExpressionReader(JinjaCursor& cursor) : cursor_(cursor) {}

  // An expression, or several with commas, which are a list.
  Result<JinjaExpressionPtr> parse_tuple() {
    JinjaExpressionPtr first = TRY(parse_expression());
    if (!cursor_.is_operator(",")) return first;
    JinjaExpressionPtr list = cursor_.make(Kind::List);
    list->parts.push_back(std::move(first));
    while (cursor_.take_operator(",")) {
      if (cursor_.peek().kind == Token::Kind::BlockEnd) break;
      list->parts.push_back(TRY(parse_expression()));
    }
    return list;
  }

  Result<JinjaExpressionPtr> parse_expression() {
    const JinjaCursor::Nesting nesting(cursor_);
    TRY(nesting.check());
    JinjaExpressionPtr value = TRY(parse_or());
    while (cursor_.take_name("if")) {
      JinjaExpressionPtr conditional = cursor_.make(Kind::Conditional);
      conditional->parts.push_back(std::move(value));
      conditional->parts.push_back(TRY(parse_or()));
      conditional->parts.emplace_back();
      if (cursor_.take_name("else")) conditional->parts.back() = TRY(parse_expression());
      value = std::move(conditional);
    }
    return value;
  }

  JinjaExpressionPtr binary(std::string name, JinjaExpressionPtr left,
                            JinjaExpressionPtr right) const {
    JinjaExpressionPtr expression = cursor_.make(Kind::Binary, std::move(name));
    expression->parts.push_back(std::move(left));
    expression->parts.push_back(std::move(right));
    return expression;
  }

  Result<JinjaExpressionPtr> parse_or() {
    JinjaExpressionPtr left = TRY(parse_and());
    while (cursor_.take_name("or"))
      left = binary("or", std::move(left), TRY(parse_and()));
    return left;
  }

  Result<JinjaExpressionPtr> parse_and() {
    JinjaExpressionPtr left = TRY(parse_not());
    while (cursor_.take_name("and"))
      left = binary("and", std::move(left), TRY(parse_not()));
    return left;
  }

  Result<JinjaExpressionPtr> parse_not() {
    if (!cursor_.is_name("not")) return parse_compare();
    const JinjaCursor::Nesting nesting(cursor_);
    TRY(nesting.check());
    cursor_.skip(1);
    JinjaExpressionPtr expression = cursor_.make(Kind::Unary, "not");
    expression->parts.push_back(TRY(parse_not()));
    return expression;
  }

  // The comparison at this place, or "".
  std::string comparison() {
    if (cursor_.take_name("in")) return "in";
    if (cursor_.is_name("not") && cursor_.is_name("in", 1)) {
      cursor_.skip(2);
      return "not in";
    }
    for (const char* each : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (cursor_.take_operator(each)) return each;
    }
    return "";
  }

  Result<JinjaExpressionPtr> parse_compare() {
    JinjaExpressionPtr left = TRY(parse_operators(0));
    int64_t count = 0;
    for (std::string name = comparison(); !name.empty(); name = comparison()) {
      if (++count > 1) return cursor_.refuse("a chain of comparisons is not supported");
      left = binary(name, std::move(left), TRY(parse_operators(0)));
    }
    return left;
  }

  // Operators of one level, each level binding tighter than the one before it.
  Result<JinjaExpressionPtr> parse_operators(size_t level) {
    static const std::vector<std::vector<std::string>> kLevels = {
        {"+", "-"}, {"~"}, {"*", "/", "//", "%"}};
    if (level == kLevels.size()) return parse_unary(/*with_filters=*/true);
    JinjaExpressionPtr left = TRY(parse_operators(level + 1));
    for (;;) {
      const std::vector<std::string>& names = kLevels[level];
      const bool is_there =
          cursor_.peek().kind == Token::Kind::Operator &&
          std::find(names.begin(), names.end(), cursor_.peek().text) != names.end();
      if (!is_there) return left;
      const std::string name = cursor_.next().text;
      left = binary(name, std::move(left), TRY(parse_operators(level + 1)));
    }
  }

  Result<JinjaExpressionPtr> parse_unary(bool with_filters) {
    const JinjaCursor::Nesting nesting(cursor_);
    TRY(nesting.check());
    JinjaExpressionPtr expression;
    if (cursor_.is_operator("-") || cursor_.is_operator("+")) {
      expression = cursor_.make(Kind::Unary, cursor_.next().text);
      expression->parts.push_back(TRY(parse_unary(/*with_filters=*/false)));
    } else {
      expression = TRY(parse_primary());
    }
    expression = TRY(parse_postfix(std::move(expression)));
    if (cursor_.is_operator("**")) return cursor_.refuse("** is not supported");
    return with_filters ? parse_filters(std::move(expression)) : std::move(expression);
  }

  Result<JinjaExpressionPtr> parse_primary() {
    const Token& token = cursor_.peek();
    JinjaExpressionPtr literal = cursor_.make(Kind::Literal);
    if (token.kind == Token::Kind::Text) {
      std::string text;
      while (cursor_.peek().kind == Token::Kind::Text)
        text += cursor_.next().text;
      literal->value = JinjaValue::trusted(std::move(text));
      return literal;
    }
    if (token.kind == Token::Kind::Integer || token.kind == Token::Kind::Float) {
      return parse_number(std::move(literal));
    }
    if (token.kind == Token::Kind::Name) {
      const std::string name = cursor_.next().text;
      if (name == "true" || name == "True")
        literal->value = true;
      else if (name == "false" || name == "False")
        literal->value = false;
      else if (name == "none" || name == "None")
        literal->value = JinjaNone{};
      else
        return cursor_.make(Kind::Name, name);
      return literal;
    }
    if (cursor_.take_operator("(")) {
      if (cursor_.take_operator(")")) return cursor_.make(Kind::List);
      JinjaExpressionPtr inner = TRY(parse_expression());
      if (cursor_.is_operator(",")) {
        JinjaExpressionPtr list = cursor_.make(Kind::List);
        list->parts.push_back(std::move(inner));
        inner = std::move(list);
      }
      while (cursor_.take_operator(",")) {
        if (!cursor_.is_operator(")")) inner->parts.push_back(TRY(parse_expression()));
      }
      TRY(cursor_.expect_operator(")"));
      return inner;
    }
    if (cursor_.is_operator("[")) return parse_members(Kind::List, "[", "]");
    if (cursor_.is_operator("{")) return parse_members(Kind::Map, "{", "}");
    return cursor_.refuse("expected an expression before \"" + token.text + "\"");
  }

  Result<JinjaExpressionPtr> parse_number(JinjaExpressionPtr literal) {
    const bool is_float = cursor_.peek().kind == Token::Kind::Float;
    const std::string digits = cursor_.next().text;
    if (is_float) {
      literal->value = std::strtod(digits.c_str(), nullptr);
      return literal;
    }
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return cursor_.refuse("number is too large: " + digits);
    }
    literal->value = value;
    return literal;
  }

  // The members of a list, or the keys and values of a map.
  Result<JinjaExpressionPtr> parse_members(Kind kind, const char* open, const char* close) {
    JinjaExpressionPtr whole = cursor_.make(kind);
    TRY(cursor_.expect_operator(open));
    while (!cursor_.take_operator(close)) {
      whole->parts.push_back(TRY(parse_expression()));
      if (kind == Kind::Map) {
        TRY(cursor_.expect_operator(":"));
        whole->parts.push_back(TRY(parse_expression()));
      }
      if (!cursor_.is_operator(close)) TRY(cursor_.expect_operator(","));
    }
    return whole;
  }

  Status parse_arguments(JinjaExpression& call) {
    TRY(cursor_.expect_operator("("));
    while (!cursor_.take_operator(")")) {
      const bool is_named = cursor_.peek().kind == Token::Kind::Name &&
                            cursor_.peek(1).kind == Token::Kind::Operator &&
                            cursor_.peek(1).text == "=";
      if (is_named) {
        const std::string name = cursor_.next().text;
        cursor_.skip(1);
        JinjaExpressionPtr value = TRY(parse_expression());
        call.named.emplace_back(name, std::move(value));
      } else {
        call.parts.push_back(TRY(parse_expression()));
      }
      if (!cursor_.is_operator(")")) TRY(cursor_.expect_operator(","));
    }
    return {};
  }

  Result<JinjaExpressionPtr> parse_postfix(JinjaExpressionPtr expression) {
    for (;;) {
      if (cursor_.take_operator(".")) {
        const bool is_index = cursor_.peek().kind == Token::Kind::Integer;
        JinjaExpressionPtr member = cursor_.make(is_index ? Kind::Item : Kind::Attribute);
        member->parts.push_back(std::move(expression));
        if (is_index) {
          member->parts.push_back(TRY(parse_number(cursor_.make(Kind::Literal))));
        } else {
          member->name = TRY(cursor_.expect_name());
        }
        expression = std::move(member);
      } else if (cursor_.is_operator("[")) {
        expression = TRY(parse_item(std::move(expression)));
      } else if (cursor_.is_operator("(")) {
        JinjaExpressionPtr call = cursor_.make(Kind::Call);
        call->parts.push_back(std::move(expression));
        TRY(parse_arguments(*call));
        expression = std::move(call);
      } else {
        return expression;
      }
    }
  }

  Result<JinjaExpressionPtr> parse_item(JinjaExpressionPtr object) {
    TRY(cursor_.expect_operator("["));
    JinjaExpressionPtr item = cursor_.make(Kind::Item);
    item->parts.push_back(std::move(object));
    bool is_slice = false;
    for (;;) {
      const bool is_left_out = cursor_.is_operator(":") || cursor_.is_operator("]");
      item->parts.push_back(is_left_out ? nullptr : TRY(parse_expression()));
      if (!cursor_.take_operator(":")) break;
      is_slice = true;
    }
    TRY(cursor_.expect_operator("]"));
    if (is_slice) item->kind = Kind::Slice;
    if (item->parts.size() > 4 || (!is_slice && item->parts[1] == nullptr)) {
      return cursor_.refuse("expected an index");
    }
    item->parts.resize(is_slice ? 4 : 2);
    return item;
  }

  Result<JinjaExpressionPtr> parse_filters(JinjaExpressionPtr expression) {
    for (;;) {
      if (cursor_.take_operator("|")) {
        JinjaExpressionPtr filter = cursor_.make(Kind::Filter);
        filter->name = TRY(cursor_.expect_name());
        filter->parts.push_back(std::move(expression));
        if (cursor_.is_operator("(")) TRY(parse_arguments(*filter));
        expression = std::move(filter);
      } else if (cursor_.take_name("is")) {
        expression = TRY(parse_test(std::move(expression)));
      } else if (cursor_.is_operator("(") || cursor_.is_operator(".") || cursor_.is_operator("[")) {
        expression = TRY(parse_postfix(std::move(expression)));
      } else {
        return expression;
      }
    }
  }

  Result<JinjaExpressionPtr> parse_test(JinjaExpressionPtr expression) {
    const bool is_negated = cursor_.take_name("not");
    JinjaExpressionPtr test = cursor_.make(Kind::Test);
    test->name = TRY(cursor_.expect_name());
    test->parts.push_back(std::move(expression));
    const Token::Kind kind = cursor_.peek().kind;
    const bool is_literal =
        kind == Token::Kind::Text || kind == Token::Kind::Integer || kind == Token::Kind::Float;
    const bool is_argument_name = kind == Token::Kind::Name && !cursor_.is_name("else") &&
                                  !cursor_.is_name("or") && !cursor_.is_name("and") &&
                                  !cursor_.is_name("is") && !cursor_.is_name("if") &&
                                  !cursor_.is_name("in") && !cursor_.is_name("not");
    if (cursor_.is_operator("(")) {
      TRY(parse_arguments(*test));
    } else if (is_literal || is_argument_name) {
      JinjaExpressionPtr argument = TRY(parse_primary());
      test->parts.push_back(TRY(parse_postfix(std::move(argument))));
    }
    if (!is_negated) return test;
    JinjaExpressionPtr negation = cursor_.make(Kind::Unary, "not");
    negation->parts.push_back(std::move(test));
    return negation;
  }

  JinjaCursor& cursor_;
};

}  // namespace

Result<JinjaExpressionPtr> JinjaExpressionParser::parse() {
  return ExpressionReader(cursor_).parse_expression();
}

Result<JinjaExpressionPtr> JinjaExpressionParser::parse_tuple() {
  return ExpressionReader(cursor_).parse_tuple();
}

Result<JinjaExpressionPtr> JinjaExpressionParser::parse_unconditional() {
  return ExpressionReader(cursor_).parse_or();
}

}  // namespace caco::lm
