// Reads the statements of a Jinja template into a tree; see jinja_parser.h.
#include "caco/lm/jinja_parser.h"

#include <algorithm>
#include <initializer_list>

#include "caco/lm/jinja_cursor.h"
#include "caco/lm/jinja_expression_parser.h"

namespace caco::lm {
namespace {

class StatementParser {
 public:
  explicit StatementParser(JinjaCursor& cursor) : cursor_(cursor), expressions_(cursor) {}

  Result<JinjaBody> parse_template() {
    JinjaBody body = TRY(parse_body({}));
    if (cursor_.peek().kind != Token::Kind::End) {
      return cursor_.refuse("unexpected block " + cursor_.block_name());
    }
    return body;
  }

 private:
  using Token = JinjaToken;

  // Reads statements up to the end or to a block named in `ends`, which stays.
  Result<JinjaBody> parse_body(std::initializer_list<std::string_view> ends) {
    const JinjaCursor::Nesting nesting(cursor_);
    TRY(nesting.check());
    JinjaBody body;
    while (cursor_.peek().kind != Token::Kind::End) {
      JinjaStatement statement;
      statement.line = cursor_.peek().line;
      if (cursor_.peek().kind == Token::Kind::Data) {
        statement.text = cursor_.next().text;
      } else if (cursor_.peek().kind == Token::Kind::OutputBegin) {
        cursor_.skip(1);
        statement.kind = JinjaStatement::Kind::Output;
        statement.expression = TRY(expressions_.parse());
        TRY(cursor_.expect(Token::Kind::OutputEnd, "}}"));
      } else {
        const bool is_end = std::find(ends.begin(), ends.end(), cursor_.block_name()) != ends.end();
        if (is_end) break;
        const std::string name = cursor_.block_name();
        if (name.starts_with("end") || name.starts_with("el")) break;
        TRY(parse_block(statement));
      }
      body.push_back(std::move(statement));
    }
    return body;
  }

  Status parse_block(JinjaStatement& statement) {
    cursor_.skip(1);
    const std::string name = TRY(cursor_.expect_name());
    if (name == "if") return parse_if(statement);
    if (name == "for") return parse_for(statement);
    if (name == "set") return parse_set(statement);
    if (name == "macro") return parse_macro(statement);
    if (name == "generation") {
      statement.kind = JinjaStatement::Kind::Block;
      return parse_inner(statement, "endgeneration");
    }
    if (name != "break" && name != "continue")
      return cursor_.refuse("block is not supported: " + name);
    statement.kind = name == "break" ? JinjaStatement::Kind::Break : JinjaStatement::Kind::Continue;
    return cursor_.expect(Token::Kind::BlockEnd, "%}");
  }

  // Reads "%}", a body and the block `end` into `statement`.
  Status parse_inner(JinjaStatement& statement, std::string_view end) {
    TRY(cursor_.expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({end})));
    return parse_end(end);
  }

  Status parse_end(std::string_view end) {
    if (cursor_.peek().kind != Token::Kind::BlockBegin || cursor_.block_name() != end) {
      return cursor_.refuse("expected block " + std::string(end));
    }
    cursor_.skip(2);
    // A macro's end may repeat its name.
    if (end == "endmacro" && cursor_.peek().kind == Token::Kind::Name) cursor_.skip(1);
    return cursor_.expect(Token::Kind::BlockEnd, "%}");
  }

  Status parse_if(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::If;
    for (;;) {
      statement.conditions.push_back(TRY(expressions_.parse()));
      TRY(cursor_.expect(Token::Kind::BlockEnd, "%}"));
      statement.bodies.push_back(TRY(parse_body({"elif", "else", "endif"})));
      if (cursor_.peek().kind != Token::Kind::BlockBegin || cursor_.block_name() != "elif") break;
      cursor_.skip(2);
    }
    TRY(parse_else(statement, "endif"));
    return parse_end("endif");
  }

  Status parse_else(JinjaStatement& statement, std::string_view end) {
    if (cursor_.peek().kind != Token::Kind::BlockBegin || cursor_.block_name() != "else") return {};
    cursor_.skip(2);
    TRY(cursor_.expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({end})));
    return {};
  }

  Status parse_for(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::For;
    const bool has_brackets = cursor_.take_operator("(");
    do {
      statement.names.push_back(TRY(cursor_.expect_name()));
    } while (cursor_.take_operator(","));
    if (has_brackets) TRY(cursor_.expect_operator(")"));
    if (!cursor_.take_name("in")) return cursor_.refuse("expected in");
    statement.expression =
        TRY(expressions_.parse_unconditional());  // a conditional would take the filter's "if"
    if (cursor_.take_name("if")) statement.conditions.push_back(TRY(expressions_.parse()));
    if (cursor_.is_name("recursive")) return cursor_.refuse("recursive is not supported");
    TRY(cursor_.expect(Token::Kind::BlockEnd, "%}"));
    statement.bodies.push_back(TRY(parse_body({"else", "endfor"})));
    TRY(parse_else(statement, "endfor"));
    return parse_end("endfor");
  }

  Status parse_set(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::Set;
    statement.names.push_back(TRY(cursor_.expect_name()));
    if (cursor_.take_operator(".")) statement.names.push_back(TRY(cursor_.expect_name()));
    if (cursor_.is_operator(",")) return cursor_.refuse("set of several names is not supported");
    if (cursor_.is_operator("|")) return cursor_.refuse("set with a filter is not supported");
    if (!cursor_.take_operator("=")) return parse_inner(statement, "endset");
    statement.expression = TRY(expressions_.parse_tuple());
    return cursor_.expect(Token::Kind::BlockEnd, "%}");
  }

  Status parse_macro(JinjaStatement& statement) {
    statement.kind = JinjaStatement::Kind::Macro;
    statement.names.push_back(TRY(cursor_.expect_name()));
    TRY(cursor_.expect_operator("("));
    while (!cursor_.take_operator(")")) {
      statement.names.push_back(TRY(cursor_.expect_name()));
      statement.conditions.emplace_back();
      if (cursor_.take_operator("=")) statement.conditions.back() = TRY(expressions_.parse());
      if (!cursor_.is_operator(")")) TRY(cursor_.expect_operator(","));
    }
    return parse_inner(statement, "endmacro");
  }

  JinjaCursor& cursor_;
  JinjaExpressionParser expressions_;
};

}  // namespace

Result<JinjaBody> parse_jinja(std::string_view source) {
  JinjaCursor cursor(TRY(tokenize_jinja(source)));
  return StatementParser(cursor).parse_template();
}

}  // namespace caco::lm
