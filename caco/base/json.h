// JSON behind one door: the one place that names the JSON library, so that it can be replaced or
// complemented without touching callers. Objects keep the order in which keys were added, so that a
// text written twice from the same values has the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "caco/base/result.h"

namespace caco {

using Json = nlohmann::ordered_json;

// Most nesting that parse_json accepts; deeper input is an error, so that hostile input cannot
// exhaust the stack.
inline constexpr int64_t kMaxJsonDepth = 200;

// Returns the value of a JSON text, or InvalidArgument with the byte position. Never throws.
// Thread-safe.
Result<Json> parse_json(std::string_view text);

// Returns compact JSON text without a line end. Bytes that are not UTF-8 are written as U+FFFD.
// Thread-safe.
std::string dump_json(const Json& value);

// Returns indented JSON text for people, with a line end.
std::string dump_json_pretty(const Json& value);

// Typed reads of one member: the value; the default when the key is absent or null; InvalidArgument
// naming the key when the type is another.
Result<std::string> read_string(const Json& object, const std::string& key,
                                const std::string& otherwise = "");
Result<int64_t> read_int(const Json& object, const std::string& key, int64_t otherwise = 0);
Result<double> read_double(const Json& object, const std::string& key, double otherwise = 0);
Result<bool> read_bool(const Json& object, const std::string& key, bool otherwise = false);

}  // namespace caco
