// Reads a Jinja template into a tree; see jinja_parser.h.
#include "caco/lm/jinja_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <initializer_list>

#include "caco/lm/jinja_lexer.h"

namespace caco::lm {
namespace {

using Kind = JinjaExpression::Kind;
using Token = JinjaToken;

constexpr int64_t kMaxNesting = 100;

// Counts how deep the parser is in the recursion, so that input cannot exhaust the stack.
class Nesting {
 public:
  explicit Nesting(int64_t& depth) : depth_(depth) { ++depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --depth_; }

 private:
  int64_t& depth_;
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<JinjaBody> parse_template() {
    JinjaBody body = TRY(parse_body({}));
    if (peek().kind != Token::Kind::End) return refuse("unexpected block " + block_name());
    return body;
  }

 private:
  Error refuse(const std::string& what) const {
    return Error{ErrorCode::InvalidArgument,
                 "chat template: " + what + ", line " + std::to_string(peek().line), ""};
  }

  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& next() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool is_operator(std::string_view text) const {
    return peek().kind == Token::Kind::Operator && peek().text == text;
  }
  bool is_name(std::string_view text, size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::Name && peek(ahead).text == text;
  }
  bool take_operator(std::string_view text) {
    const bool is_there = is_operator(text);
    if (is_there) ++at_;
    return is_there;
  }
  bool take_name(std::string_view text) {
    const bool is_there = is_name(text);
    if (is_there) ++at_;
    return is_there;
  }
  Status expect_operator(std::string_view text) {
    if (take_operator(text)) return {};
    return refuse("expected " + std::string(text) + " before " + peek().text);
  }
  Status expect(Token::Kind kind, const char* what) {
    if (peek().kind != kind) return refuse(std::string("expected ") + what);
    ++at_;
    return {};
  }
  Result<std::string> expect_name() {
    if (peek().kind != Token::Kind::Name) return refuse("expected a name");
    return next().text;
  }
  std::string block_name() const { return peek(1).text; }

  JinjaExpressionPtr make(Kind kind, std::string name = "") const {
    auto expression = std::make_unique<JinjaExpression>();
    expression->kind = kind;
    expression->line = peek().line;
    expression->name = std::move(name);
    return expression;
  }

  // --- statements ---

  // Reads statements up to the end or to a block named in `ends`, which stays.
  Result<JinjaBody> parse_body(std::initializer_list<std::string_view> ends) {
    const Nesting nesting(depth_);
    if (depth_ > kMaxNesting) return refuse("nested too deeply");
    JinjaBody body;
    while (peek().kind != Token::Kind::End) {
      JinjaStatement statement;
      statement.line = peek().line;
      if (peek().kind == Token::Kind::Data) {
        statement.text = next().text;
      } else if (peek().kind == Token::Kind::OutputBegin) {
        ++at_;
        statement.kind = JinjaStatement::Kind::Output;
        statement.expression = TRY(parse_expression());
        TRY(expect(Token::Kind::OutputEnd, "}}"));
      } else {
        const bool is_end = std::find(ends.begin(), ends.end(), block_name()) != ends.end();
        if (is_end) break;
        const std::string name = block_name();
        if (name.starts_with("end") || name.starts_with("el")) break;
        TRY(parse_block(statement));
      }
      body.push_back(std::move(statement));
    }
    return body;
  }

  Status parse_block(JinjaStatement& statement) {
    ++at_;
    const std::string name = TRY(expect_name());
    if (name == "if") return parse_if(statement);
    if (name == "for") return parse_for(statement);
    if (name == "set") return parse_set(statement);
    if (name == "macro") return parse_macro(statement);
    if (name == "generation") {
      statement.kind = JinjaStatement::Kind::Block;
      return parse_inner(statement, "endgeneration");
    }
    if (name != "break" && name != "continue") return refuse("block is not supported: " + name);
    statement.kind = name == "break" ? JinjaStatement::Kind::Break : JinjaStatement::Kind::Continue;
    return expect(Token::Kind::BlockEnd, "%}");
  }

  // Reads "%}", a body and the block `end` into `statement`.
  Status parse_inner(JinjaStatement& statement, std::string_view end) {
    TRY(expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({end})));
    return parse_end(end);
  }

  Status parse_end(std::string_view end) {
    if (peek().kind != Token::Kind::BlockBegin || block_name() != end) {
      return refuse("expected block " + std::string(end));
    }
    at_ += 2;
    // A macro's end may repeat its name.
    if (end == "endmacro" && peek().kind == Token::Kind::Name) ++at_;
    return expect(Token::Kind::BlockEnd, "%}");
  }

  Status parse_if(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::If;
    for (;;) {
      statement.conditions.push_back(TRY(parse_expression()));
      TRY(expect(Token::Kind::BlockEnd, "%}"));
      statement.bodies.push_back(TRY(parse_body({"elif", "else", "endif"})));
      if (peek().kind != Token::Kind::BlockBegin || block_name() != "elif") break;
      at_ += 2;
    }
    TRY(parse_else(statement, "endif"));
    return parse_end("endif");
  }

  Status parse_else(JinjaStatement& statement, std::string_view end) {
    if (peek().kind != Token::Kind::BlockBegin || block_name() != "else") return {};
    at_ += 2;
    TRY(expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({end})));
    return {};
  }

  Status parse_for(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::For;
    const bool has_brackets = take_operator("(");
    do {
      statement.names.push_back(TRY(expect_name()));
    } while (take_operator(","));
    if (has_brackets) TRY(expect_operator(")"));
    if (!take_name("in")) return refuse("expected in");
    statement.expression = TRY(parse_or());  // a conditional would take the filter's "if"
    if (take_name("if")) statement.conditions.push_back(TRY(parse_expression()));
    if (is_name("recursive")) return refuse("recursive is not supported");
    TRY(expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({"else", "endfor"})));
    TRY(parse_else(statement, "endfor"));
    return parse_end("endfor");
  }

  Status parse_set(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::Set;
    statement.names.push_back(TRY(expect_name()));
    if (take_operator(".")) statement.names.push_back(TRY(expect_name()));
    if (is_operator(",")) return refuse("set of several names is not supported");
    if (is_operator("|")) return refuse("set with a filter is not supported");
    if (!take_operator("=")) return parse_inner(statement, "endset");
    statement.expression = TRY(parse_tuple());
    return expect(Token::Kind::BlockEnd, "%}");
  }

  Status parse_macro(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::Macro;
    statement.names.push_back(TRY(expect_name()));
    TRY(expect_operator("("));
    while (!take_operator(")")) {
      statement.names.push_back(TRY(expect_name()));
      statement.conditions.emplace_back();
      if (take_operator("=")) statement.conditions.back() = TRY(parse_expression());
      if (!is_operator(")")) TRY(expect_operator(","));
    }
    return parse_inner(statement, "endmacro");
  }

  // --- expressions, from the loosest binding to the tightest ---

  // An expression, or several with commas, which are a list.
  Result<JinjaExpressionPtr> parse_tuple() {
    JinjaExpressionPtr first = TRY(parse_expression());
    if (!is_operator(",")) return first;
    JinjaExpressionPtr list = make(Kind::List);
    list->parts.push_back(std::move(first));
    while (take_operator(",")) {
      if (peek().kind == Token::Kind::BlockEnd) break;
      list->parts.push_back(TRY(parse_expression()));
    }
    return list;
  }

  Result<JinjaExpressionPtr> parse_expression() {
    const Nesting nesting(depth_);
    if (depth_ > kMaxNesting) return refuse("nested too deeply");
    JinjaExpressionPtr value = TRY(parse_or());
    while (take_name("if")) {
      JinjaExpressionPtr conditional = make(Kind::Conditional);
      conditional->parts.push_back(std::move(value));
      conditional->parts.push_back(TRY(parse_or()));
      conditional->parts.emplace_back();
      if (take_name("else")) conditional->parts.back() = TRY(parse_expression());
      value = std::move(conditional);
    }
    return value;
  }

  JinjaExpressionPtr binary(std::string name, JinjaExpressionPtr left,
                            JinjaExpressionPtr right) const {
    JinjaExpressionPtr expression = make(Kind::Binary, std::move(name));
    expression->parts.push_back(std::move(left));
    expression->parts.push_back(std::move(right));
    return expression;
  }

  Result<JinjaExpressionPtr> parse_or() {
    JinjaExpressionPtr left = TRY(parse_and());
    while (take_name("or"))
      left = binary("or", std::move(left), TRY(parse_and()));
    return left;
  }

  Result<JinjaExpressionPtr> parse_and() {
    JinjaExpressionPtr left = TRY(parse_not());
    while (take_name("and"))
      left = binary("and", std::move(left), TRY(parse_not()));
    return left;
  }

  Result<JinjaExpressionPtr> parse_not() {
    if (!is_name("not")) return parse_compare();
    const Nesting nesting(depth_);
    if (depth_ > kMaxNesting) return refuse("nested too deeply");
    ++at_;
    JinjaExpressionPtr expression = make(Kind::Unary, "not");
    expression->parts.push_back(TRY(parse_not()));
    return expression;
  }

  // The comparison at this place, or "".
  std::string comparison() {
    if (take_name("in")) return "in";
    if (is_name("not") && is_name("in", 1)) {
      at_ += 2;
      return "not in";
    }
    for (const char* each : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (take_operator(each)) return each;
    }
    return "";
  }

  Result<JinjaExpressionPtr> parse_compare() {
    JinjaExpressionPtr left = TRY(parse_operators(0));
    int64_t count = 0;
    for (std::string name = comparison(); !name.empty(); name = comparison()) {
      if (++count > 1) return refuse("a chain of comparisons is not supported");
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
      const bool is_there = peek().kind == Token::Kind::Operator &&
                            std::find(names.begin(), names.end(), peek().text) != names.end();
      if (!is_there) return left;
      const std::string name = next().text;
      left = binary(name, std::move(left), TRY(parse_operators(level + 1)));
    }
  }

  Result<JinjaExpressionPtr> parse_unary(bool with_filters) {
    const Nesting nesting(depth_);
    if (depth_ > kMaxNesting) return refuse("nested too deeply");
    JinjaExpressionPtr expression;
    if (is_operator("-") || is_operator("+")) {
      expression = make(Kind::Unary, next().text);
      expression->parts.push_back(TRY(parse_unary(/*with_filters=*/false)));
    } else {
      expression = TRY(parse_primary());
    }
    expression = TRY(parse_postfix(std::move(expression)));
    if (is_operator("**")) return refuse("** is not supported");
    return with_filters ? parse_filters(std::move(expression)) : std::move(expression);
  }

  Result<JinjaExpressionPtr> parse_primary() {
    const Token& token = peek();
    JinjaExpressionPtr literal = make(Kind::Literal);
    if (token.kind == Token::Kind::Text) {
      std::string text;
      while (peek().kind == Token::Kind::Text)
        text += next().text;
      literal->value = JinjaValue::trusted(std::move(text));
      return literal;
    }
    if (token.kind == Token::Kind::Integer || token.kind == Token::Kind::Float) {
      return parse_number(std::move(literal));
    }
    if (token.kind == Token::Kind::Name) {
      const std::string name = next().text;
      if (name == "true" || name == "True")
        literal->value = true;
      else if (name == "false" || name == "False")
        literal->value = false;
      else if (name == "none" || name == "None")
        literal->value = JinjaNone{};
      else
        return make(Kind::Name, name);
      return literal;
    }
    if (take_operator("(")) {
      if (take_operator(")")) return make(Kind::List);
      JinjaExpressionPtr inner = TRY(parse_expression());
      if (is_operator(",")) {
        JinjaExpressionPtr list = make(Kind::List);
        list->parts.push_back(std::move(inner));
        inner = std::move(list);
      }
      while (take_operator(",")) {
        if (!is_operator(")")) inner->parts.push_back(TRY(parse_expression()));
      }
      TRY(expect_operator(")"));
      return inner;
    }
    if (is_operator("[")) return parse_list();
    if (is_operator("{")) return parse_map();
    return refuse("expected an expression before \"" + token.text + "\"");
  }

  Result<JinjaExpressionPtr> parse_number(JinjaExpressionPtr literal) {
    const bool is_float = peek().kind == Token::Kind::Float;
    const std::string digits = next().text;
    if (is_float) {
      literal->value = std::strtod(digits.c_str(), nullptr);
      return literal;
    }
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return refuse("number is too large: " + digits);
    }
    literal->value = value;
    return literal;
  }

  Result<JinjaExpressionPtr> parse_list() {
    JinjaExpressionPtr list = make(Kind::List);
    TRY(expect_operator("["));
    while (!take_operator("]")) {
      list->parts.push_back(TRY(parse_expression()));
      if (!is_operator("]")) TRY(expect_operator(","));
    }
    return list;
  }

  Result<JinjaExpressionPtr> parse_map() {
    JinjaExpressionPtr map = make(Kind::Map);
    TRY(expect_operator("{"));
    while (!take_operator("}")) {
      map->parts.push_back(TRY(parse_expression()));
      TRY(expect_operator(":"));
      map->parts.push_back(TRY(parse_expression()));
      if (!is_operator("}")) TRY(expect_operator(","));
    }
    return map;
  }

  Status parse_arguments(JinjaExpression& call) {
    TRY(expect_operator("("));
    while (!take_operator(")")) {
      const bool is_named = peek().kind == Token::Kind::Name &&
                            peek(1).kind == Token::Kind::Operator && peek(1).text == "=";
      if (is_named) {
        const std::string name = next().text;
        ++at_;
        JinjaExpressionPtr value = TRY(parse_expression());
        call.named.emplace_back(name, std::move(value));
      } else {
        call.parts.push_back(TRY(parse_expression()));
      }
      if (!is_operator(")")) TRY(expect_operator(","));
    }
    return {};
  }

  Result<JinjaExpressionPtr> parse_postfix(JinjaExpressionPtr expression) {
    for (;;) {
      if (take_operator(".")) {
        const bool is_index = peek().kind == Token::Kind::Integer;
        JinjaExpressionPtr member = make(is_index ? Kind::Item : Kind::Attribute);
        member->parts.push_back(std::move(expression));
        if (is_index) {
          member->parts.push_back(TRY(parse_number(make(Kind::Literal))));
        } else {
          member->name = TRY(expect_name());
        }
        expression = std::move(member);
      } else if (is_operator("[")) {
        expression = TRY(parse_item(std::move(expression)));
      } else if (is_operator("(")) {
        JinjaExpressionPtr call = make(Kind::Call);
        call->parts.push_back(std::move(expression));
        TRY(parse_arguments(*call));
        expression = std::move(call);
      } else {
        return expression;
      }
    }
  }

  Result<JinjaExpressionPtr> parse_item(JinjaExpressionPtr object) {
    TRY(expect_operator("["));
    JinjaExpressionPtr item = make(Kind::Item);
    item->parts.push_back(std::move(object));
    bool is_slice = false;
    for (;;) {
      const bool is_left_out = is_operator(":") || is_operator("]");
      item->parts.push_back(is_left_out ? nullptr : TRY(parse_expression()));
      if (!take_operator(":")) break;
      is_slice = true;
    }
    TRY(expect_operator("]"));
    if (is_slice) item->kind = Kind::Slice;
    if (item->parts.size() > 4 || (!is_slice && item->parts[1] == nullptr)) {
      return refuse("expected an index");
    }
    item->parts.resize(is_slice ? 4 : 2);
    return item;
  }

  Result<JinjaExpressionPtr> parse_filters(JinjaExpressionPtr expression) {
    for (;;) {
      if (take_operator("|")) {
        JinjaExpressionPtr filter = make(Kind::Filter);
        filter->name = TRY(expect_name());
        filter->parts.push_back(std::move(expression));
        if (is_operator("(")) TRY(parse_arguments(*filter));
        expression = std::move(filter);
      } else if (take_name("is")) {
        expression = TRY(parse_test(std::move(expression)));
      } else if (is_operator("(") || is_operator(".") || is_operator("[")) {
        expression = TRY(parse_postfix(std::move(expression)));
      } else {
        return expression;
      }
    }
  }

  Result<JinjaExpressionPtr> parse_test(JinjaExpressionPtr expression) {
    const bool is_negated = take_name("not");
    JinjaExpressionPtr test = make(Kind::Test);
    test->name = TRY(expect_name());
    test->parts.push_back(std::move(expression));
    const Token::Kind kind = peek().kind;
    const bool is_literal =
        kind == Token::Kind::Text || kind == Token::Kind::Integer || kind == Token::Kind::Float;
    const bool is_argument_name = kind == Token::Kind::Name && !is_name("else") && !is_name("or") &&
                                  !is_name("and") && !is_name("is") && !is_name("if") &&
                                  !is_name("in") && !is_name("not");
    if (is_operator("(")) {
      TRY(parse_arguments(*test));
    } else if (is_literal || is_argument_name) {
      JinjaExpressionPtr argument = TRY(parse_primary());
      test->parts.push_back(TRY(parse_postfix(std::move(argument))));
    }
    if (!is_negated) return test;
    JinjaExpressionPtr negation = make(Kind::Unary, "not");
    negation->parts.push_back(std::move(test));
    return negation;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int64_t depth_ = 0;
};

}  // namespace

Result<JinjaBody> parse_jinja(std::string_view source) {
  std::vector<JinjaToken> tokens = TRY(tokenize_jinja(source));
  return Parser(std::move(tokens)).parse_template();
}

}  // namespace caco::lm
