// What is inside of a Jinja value: its items, members, elements and slices, with Python's rules.
// Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "caco/base/result.h"
#include "caco/lm/jinja_arguments.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

// The longest text and the longest list that a template may make.
inline constexpr size_t kMaxJinjaTextBytes = size_t{64} << 20;
inline constexpr int64_t kMaxJinjaListSize = int64_t{1} << 20;

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

// Returns len(value).
Result<int64_t> jinja_length(const JinjaValue& value);

// Returns separator.join(value). InvalidArgument: the text would be too long.
Result<JinjaValue> jinja_join(const JinjaValue& value, const MarkedText& separator);

// Returns the items of a map, each a list of key and value.
JinjaValue jinja_pairs(const JinjaMap& map);

// Returns range(...) as a list. InvalidArgument: no integers, a step of 0, too long a list.
Result<JinjaValue> jinja_range(const JinjaArguments& arguments);

}  // namespace caco::lm
