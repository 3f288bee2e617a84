// The filters, tests and methods that chat templates use, with the semantics of Jinja 3.1 and
// Python. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// The longest text and the longest list that a template may make.
inline constexpr size_t kMaxJinjaTextBytes = size_t{64} << 20;
inline constexpr int64_t kMaxJinjaListSize = int64_t{1} << 20;

// The arguments of a call; of a filter or a test, the first one is what it is applied to.
struct JinjaArguments {
  std::vector<JinjaValue> positional;
  std::vector<std::pair<std::string, JinjaValue>> named;

  // Returns the argument at `index` or of that name; undefined when it is not given.
  JinjaValue get(size_t index, const std::string& name) const;
};

// InvalidArgument: an unknown name, or arguments of another type.
Result<JinjaValue> apply_jinja_filter(const std::string& name, const JinjaArguments& arguments);
Result<bool> apply_jinja_test(const std::string& name, const JinjaArguments& arguments);

// Calls `object.name(...)`. InvalidArgument: an unknown method of this type, other arguments.
Result<JinjaValue> call_jinja_method(const JinjaValue& object, const std::string& name,
                                     const JinjaArguments& arguments);

// Returns whether `container` has `item`, as Python's `in`.
Result<bool> jinja_contains(const JinjaValue& container, const JinjaValue& item);

// Returns what a for loop walks over: the items of a list, the keys of a map, the characters of a
// text, nothing of an undefined value.
Result<JinjaList> jinja_items(const JinjaValue& value);

// Returns object.name or object[name]; undefined when there is none. InvalidArgument: `object` is
// itself undefined.
Result<JinjaValue> jinja_member(const JinjaValue& object, const std::string& name);

// Returns object[index] of a list or text, counted from the end when negative.
Result<JinjaValue> jinja_element(const JinjaValue& object, int64_t index);

// Returns the slice begin:end:step of a list or text, with Python's rules; parts left out are
// undefined or none.
Result<JinjaValue> jinja_slice(const JinjaValue& object, const JinjaValue& begin,
                               const JinjaValue& end, const JinjaValue& step);

}  // namespace caco::lm
