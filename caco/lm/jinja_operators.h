// The operators of Jinja's expressions that look at both of their sides, with the semantics of
// Jinja 3.1 and Python. Pure, thread-safe.
#pragma once

#include <string>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// Returns `left NAME right`; `and` and `or`, which may leave out their right side, are not here.
// InvalidArgument: sides of types that the operator does not take, a result that is too large.
Result<JinjaValue> apply_jinja_operator(const std::string& name, const JinjaValue& left,
                                        const JinjaValue& right);

}  // namespace caco::lm
