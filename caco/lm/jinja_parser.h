// Reads a Jinja template into a tree: the part of the language that chat templates use.
//
// Blocks: output, if, for (with a filter and else), set (also of a namespace's member and of a
// block), macro, generation, break, continue, comments; white space as with trim_blocks and
// lstrip_blocks, which transformers sets. Anything else is an error that names it. Source: the
// template designer documentation of Jinja 3.1. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

struct JinjaExpression;
using JinjaExpressionPtr = std::unique_ptr<JinjaExpression>;

struct JinjaExpression {
  enum class Kind {
    Literal,      // value
    Name,         // name
    List,         // parts
    Map,          // parts: key, value, key, value
    Attribute,    // parts[0].name
    Item,         // parts[0][parts[1]]
    Slice,        // parts[0][parts[1]:parts[2]:parts[3]], null where left out
    Call,         // parts[0](parts[1...], named...)
    Filter,       // parts[0]|name(parts[1...], named...)
    Test,         // parts[0] is name(parts[1...])
    Unary,        // name: "not", "-", "+"
    Binary,       // name: the operator
    Conditional,  // parts: value, condition, otherwise (null: undefined)
  };
  Kind kind = Kind::Literal;
  int64_t line = 0;
  std::string name;
  JinjaValue value;
  std::vector<JinjaExpressionPtr> parts;
  std::vector<std::pair<std::string, JinjaExpressionPtr>> named;
};

struct JinjaStatement;
using JinjaBody = std::vector<JinjaStatement>;

struct JinjaStatement {
  enum class Kind {
    Data,    // text
    Output,  // expression
    If,      // conditions[i] guards bodies[i]; a last body without condition is the else
    For,     // names in expression if condition: bodies[0] else bodies[1]
    Set,     // names[0](.names[1]) = expression, or the text of bodies[0]
    Macro,   // names[0](names[1...], with defaults)
    Block,   // bodies[0], as it is (generation)
    Break,
    Continue,
  };
  Kind kind = Kind::Data;
  int64_t line = 0;
  std::string text;
  std::vector<std::string> names;
  JinjaExpressionPtr expression;
  std::vector<JinjaExpressionPtr> conditions;  // macro: the default of each parameter, or null
  std::vector<JinjaBody> bodies;
};

// InvalidArgument: what is not Jinja or not supported, with the line.
Result<JinjaBody> parse_jinja(std::string_view source);

}  // namespace caco::lm
