// Where the parser of a Jinja template is: its tokens, and how deep it is in them. The parsers of
// statements and of expressions share one. Belongs to one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_lexer.h"
#include "caco/lm/jinja_parser.h"

namespace caco::lm {

class JinjaCursor {
 public:
  explicit JinjaCursor(std::vector<JinjaToken> tokens) : tokens_(std::move(tokens)) {}

  // Returns the error of what stands here, with the line.
  Error refuse(const std::string& what) const {
    return Error{ErrorCode::InvalidArgument,
                 "chat template: " + what + ", line " + std::to_string(peek().line), ""};
  }

  // Behind the last token, which is End, there is that token again.
  const JinjaToken& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const JinjaToken& next() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  // Return whether the text stands here; take_ also goes behind it.
  bool is_operator(std::string_view text) const {
    return peek().kind == JinjaToken::Kind::Operator && peek().text == text;
  }
  bool is_name(std::string_view text, size_t ahead = 0) const {
    return peek(ahead).kind == JinjaToken::Kind::Name && peek(ahead).text == text;
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
  // Go behind what must stand here. InvalidArgument: it does not.
  Status expect_operator(std::string_view text) {
    if (take_operator(text)) return {};
    return refuse("expected " + std::string(text) + " before " + peek().text);
  }
  Status expect(JinjaToken::Kind kind, const char* what) {
    if (peek().kind != kind) return refuse(std::string("expected ") + what);
    ++at_;
    return {};
  }
  Result<std::string> expect_name() {
    if (peek().kind != JinjaToken::Kind::Name) return refuse("expected a name");
    return next().text;
  }
  // The name of the block that begins here.
  std::string block_name() const { return peek(1).text; }

  // Returns a new node of this line.
  JinjaExpressionPtr make(JinjaExpression::Kind kind, std::string name = "") const {
    auto expression = std::make_unique<JinjaExpression>();
    expression->kind = kind;
    expression->line = peek().line;
    expression->name = std::move(name);
    return expression;
  }

  // Goes behind tokens that were looked at.
  void skip(size_t count) { at_ += count; }

  // Counts how deep the parser is in the recursion, so that input cannot exhaust the stack.
  class Nesting {
   public:
    explicit Nesting(JinjaCursor& cursor) : cursor_(cursor) { ++cursor_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    ~Nesting() { --cursor_.depth_; }

    Status check() const {
      if (cursor_.depth_ > kMaxDepth) return cursor_.refuse("nested too deeply");
      return {};
    }

   private:
    JinjaCursor& cursor_;
  };

 private:
  static constexpr int64_t kMaxDepth = 100;

  std::vector<JinjaToken> tokens_;
  size_t at_ = 0;
  int64_t depth_ = 0;
};

}  // namespace caco::lm
