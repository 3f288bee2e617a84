// The methods of texts and maps that chat templates use, with Python's semantics. Pure,
// thread-safe.
#pragma once

#include <string>

#include "caco/base/result.h"
#include "caco/lm/jinja_arguments.h"
#include "caco/lm/jinja_text.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// Calls `object.name(...)`. InvalidArgument: an unknown method of this type, other arguments.
Result<JinjaValue> call_jinja_method(const JinjaValue& object, const std::string& name,
                                     const JinjaArguments& arguments);

// Calls a method of str. InvalidArgument: as above.
Result<JinjaValue> call_text_method(const MarkedText& text, const std::string& name,
                                    const JinjaArguments& arguments);

}  // namespace caco::lm
