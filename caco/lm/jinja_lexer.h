// Cuts a Jinja template into tokens; see jinja_parser.h, which is its only user.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

struct JinjaToken {
  enum class Kind {
    Data,
    BlockBegin,
    BlockEnd,
    OutputBegin,
    OutputEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End
  };
  Kind kind = Kind::End;
  std::string text;
  int64_t line = 1;
};

// InvalidArgument: a block, comment or text without its end, or a character outside the language.
Result<std::vector<JinjaToken>> tokenize_jinja(std::string_view source);

}  // namespace caco::lm
