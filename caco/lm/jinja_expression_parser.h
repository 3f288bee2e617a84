// Reads the expressions of a Jinja template into trees: the grammar of Jinja 3.1 without the
// operator **, chains of comparisons and what no chat template uses. See jinja_parser.h.
#pragma once

#include "caco/base/result.h"
#include "caco/lm/jinja_cursor.h"
#include "caco/lm/jinja_parser.h"

namespace caco::lm {

// All members read from the cursor and leave it behind what they read. InvalidArgument: what is no
// expression or is not supported, with the line.
class JinjaExpressionParser {
 public:
  // `cursor` must outlive the parser.
  explicit JinjaExpressionParser(JinjaCursor& cursor) : cursor_(cursor) {}

  // An expression.
  Result<JinjaExpressionPtr> parse();

  // An expression, or several with commas, which are a list.
  Result<JinjaExpressionPtr> parse_tuple();

  // An expression up to an "if" that does not belong to it: a for loop's filter.
  Result<JinjaExpressionPtr> parse_unconditional();

 private:
  JinjaCursor& cursor_;
};

}  // namespace caco::lm
