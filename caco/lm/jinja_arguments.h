// The arguments of a call in a Jinja template. Plain data; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// The arguments of a call; of a filter or a test, the first one is what it is applied to.
struct JinjaArguments {
  std::vector<JinjaValue> positional;
  std::vector<std::pair<std::string, JinjaValue>> named;

  // Returns the argument at `index` or of that name; undefined when it is not given.
  JinjaValue get(size_t index, const std::string& name) const;
};

// Returns whether an argument was left out, or is none, which stands for the same.
bool is_jinja_absent(const JinjaValue& value);

// Return the value of an argument of the function `of`. InvalidArgument: it has another type.
Result<std::string> jinja_text_argument(const JinjaValue& value, const std::string& of);
Result<int64_t> jinja_integer_argument(const JinjaValue& value, int64_t otherwise,
                                       const std::string& of);

}  // namespace caco::lm
