// Token ids as configuration files spell them: one integer, a list, null, or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

// Returns the ids of member `key`, none when it is absent or null; InvalidArgument when it is
// anything else than an integer or a list of integers.
inline Result<std::vector<int64_t>> read_token_ids(const Json& json, const std::string& key) {
  std::vector<int64_t> ids;
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return ids;
  if (found->is_number_integer()) {
    ids.push_back(found->get<int64_t>());
    return ids;
  }
  if (!found->is_array()) {
    return Error{ErrorCode::InvalidArgument, key + " is neither an integer nor a list", ""};
  }
  for (const Json& id : *found) {
    if (!id.is_number_integer()) {
      return Error{ErrorCode::InvalidArgument, key + " has an entry that is no integer", ""};
    }
    ids.push_back(id.get<int64_t>());
  }
  return ids;
}

// Returns the first of them, or -1.
inline Result<int64_t> read_first_token_id(const Json& json, const std::string& key) {
  const std::vector<int64_t> ids = TRY(read_token_ids(json, key));
  return ids.empty() ? -1 : ids.front();
}

// One id as a number, several as a list, none as null.
inline Json token_ids_to_json(const std::vector<int64_t>& ids) {
  if (ids.empty()) return Json();
  return ids.size() == 1 ? Json(ids.front()) : Json(ids);
}

}  // namespace caco::lm
