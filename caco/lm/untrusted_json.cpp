#include "caco/lm/untrusted_json.h"

#include <algorithm>
#include <string>
#include <vector>

namespace caco::lm {
namespace {

struct MemberCounts {
  int64_t total = 0;
  int64_t most_in_one = 0;
};

// Counts members as they are written, by the colons outside of strings. Brackets that do not match
// are left to the parser.
MemberCounts count_written_members(std::string_view text) {
  MemberCounts counts;
  std::vector<int64_t> open;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (open.size() >= static_cast<size_t>(kMaxJsonDepth)) return counts;
      open.push_back(0);
    } else if (c == '}' || c == ']') {
      if (!open.empty()) open.pop_back();
    } else if (c == ':' && !open.empty()) {
      ++counts.total;
      counts.most_in_one = std::max(counts.most_in_one, ++open.back());
    }
  }
  return counts;
}

// REQUIRES: nesting within kMaxJsonDepth, which parse_json checks.
int64_t count_members(const Json& json) {
  if (!json.is_structured()) return 0;
  int64_t count = json.is_object() ? static_cast<int64_t>(json.size()) : 0;
  for (const Json& value : json)
    count += count_members(value);
  return count;
}

}  // namespace

Result<Json> parse_untrusted_json(std::string_view text, int64_t max_members) {
  const MemberCounts written = count_written_members(text);
  if (written.most_in_one > max_members) {
    return Error{ErrorCode::InvalidArgument,
                 "an object has more than " + std::to_string(max_members) + " members", ""};
  }
  Json json = TRY(parse_json(text));
  if (count_members(json) != written.total) {
    return Error{ErrorCode::InvalidArgument, "a name occurs twice", ""};
  }
  return json;
}

}  // namespace caco::lm
