// JSON out of files that came from anywhere: the headers and indexes of checkpoints.
#pragma once

#include <cstdint>
#include <string_view>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

// Parses as parse_json, and refuses what it lets pass: a name that occurs twice in one object,
// which two readers could understand differently, and an object of more than `max_members`, since
// objects are searched from end to end and the time to read one grows with the square of its size.
// InvalidArgument says which. Thread-safe.
Result<Json> parse_untrusted_json(std::string_view text, int64_t max_members);

}  // namespace caco::lm
