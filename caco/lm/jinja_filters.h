// The filters and tests that chat templates use, with the semantics of Jinja 3.1. Pure,
// thread-safe.
#pragma once

#include <string>

#include "caco/base/result.h"
#include "caco/lm/jinja_arguments.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// InvalidArgument: an unknown name, or arguments of another type.
Result<JinjaValue> apply_jinja_filter(const std::string& name, const JinjaArguments& arguments);
Result<bool> apply_jinja_test(const std::string& name, const JinjaArguments& arguments);

}  // namespace caco::lm
