#include "caco/base/json.h"

namespace caco {
namespace {

// Builds nothing; only counts the nesting, so that the real parse of hostile text cannot recurse
// too deep.
bool is_too_deep(std::string_view text) {
  int64_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

Error wrong_type(const std::string& key, const char* wanted, const Json& found) {
  return Error{ErrorCode::InvalidArgument,
               "wrong type of \"" + key + "\": expected " + wanted + ", found " + found.type_name(),
               ""};
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (is_too_deep(text)) {
    return Error{ErrorCode::InvalidArgument,
                 "JSON is nested deeper than " + std::to_string(kMaxJsonDepth) + " levels", ""};
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::InvalidArgument, std::string("not valid JSON: ") + problem.what(), ""};
  }
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> read_string(const Json& object, const std::string& key,
                                const std::string& otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_string()) return wrong_type(key, "a string", *found);
  return found->get<std::string>();
}

Result<int64_t> read_int(const Json& object, const std::string& key, int64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_number_integer()) return wrong_type(key, "an integer", *found);
  return found->get<int64_t>();
}

Result<double> read_double(const Json& object, const std::string& key, double otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_number()) return wrong_type(key, "a number", *found);
  return found->get<double>();
}

Result<bool> read_bool(const Json& object, const std::string& key, bool otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_boolean()) return wrong_type(key, "true or false", *found);
  return found->get<bool>();
}

}  // namespace caco
