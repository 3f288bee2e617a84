// Typed reads of a request's fields; see openai_fields.h.
#include "caco/lm/openai_fields.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace caco::lm {
namespace {

constexpr size_t kMostShown = 100;

// Returns a value as an error message shows it.
std::string shown(const Json& value) {
  const std::string text = dump_json(value);
  return text.size() <= kMostShown ? text : text.substr(0, kMostShown) + "...";
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

// A number without a fraction is an integer, as in JSON itself.
std::optional<int64_t> integer_of(const Json& value) {
  if (value.is_number_integer()) {
    const bool is_too_large =
        value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
    if (is_too_large) return std::nullopt;
    return value.get<int64_t>();
  }
  if (!value.is_number_float()) return std::nullopt;
  const double number = value.get<double>();
  if (std::trunc(number) != number || std::abs(number) > 0x1.0p53) return std::nullopt;
  return static_cast<int64_t>(number);
}

}  // namespace

FieldReader::FieldReader(const Json& body) : body_(body) {
  if (!body.is_object()) fail("", "body is no JSON object");
}

const Json* FieldReader::find(const std::string& key) const {
  if (!body_.is_object()) return nullptr;
  const auto member = body_.find(key);
  return member == body_.end() || member->is_null() ? nullptr : &*member;
}

int64_t FieldReader::integer(const std::string& key, int64_t otherwise, int64_t least,
                             int64_t most) {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  const std::optional<int64_t> number = integer_of(*value);
  if (!number) {
    fail(key, key + " is no integer: " + shown(*value));
  } else if (*number < least || *number > most) {
    fail(key, key + " is not from " + std::to_string(least) + " to " + std::to_string(most) + ": " +
                  std::to_string(*number));
  } else {
    return *number;
  }
  return otherwise;
}

double FieldReader::number(const std::string& key, double otherwise, double least, double most) {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) {
    fail(key, key + " is no number: " + shown(*value));
    return otherwise;
  }
  const double number = value->get<double>();
  if (number >= least && number <= most) return number;
  fail(key, key + " is not from " + shown(least) + " to " + shown(most) + ": " + shown(number));
  return otherwise;
}

bool FieldReader::boolean(const std::string& key, bool otherwise) {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  fail(key, key + " is not true or false: " + shown(*value));
  return otherwise;
}

std::string FieldReader::text(const std::string& key, const std::string& otherwise) {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->get<std::string>();
  fail(key, key + " is no text: " + shown(*value));
  return otherwise;
}

std::vector<std::string> FieldReader::texts(const std::string& key, int64_t most) {
  std::vector<std::string> result;
  const Json* value = find(key);
  if (value == nullptr) return result;
  const Json list = value->is_string() ? Json::array({*value}) : *value;
  if (!list.is_array() || static_cast<int64_t>(list.size()) > most) {
    fail(key, key + " is no text and no list of at most " + std::to_string(most) + " texts");
    return result;
  }
  for (const Json& item : list) {
    if (!item.is_string()) {
      fail(key, key + " has an item that is no text: " + shown(item));
    } else if (!item.get_ref<const std::string&>().empty()) {
      result.push_back(item.get<std::string>());
    }
  }
  return result;
}

std::vector<int32_t> FieldReader::ids(const std::string& key, int64_t vocab_size) {
  const Json* value = find(key);
  if (value == nullptr) return {};
  if (value->is_array()) return ids_of(key, *value, vocab_size);
  fail(key, key + " is no list of token ids");
  return {};
}

std::vector<int32_t> FieldReader::ids_of(const std::string& key, const Json& list,
                                         int64_t vocab_size) {
  std::vector<int32_t> result;
  result.reserve(list.size());
  for (const Json& item : list) {
    const std::optional<int64_t> id = integer_of(item);
    if (!id) {
      fail(key, key + " has an item that is no token id: " + shown(item));
    } else if (*id < 0 || *id >= vocab_size) {
      fail(key, key + " has an id outside the vocabulary: " + std::to_string(*id));
    } else {
      result.push_back(static_cast<int32_t>(*id));
    }
  }
  return result;
}

void FieldReader::refuse(const std::string& key) {
  const Json* value = find(key);
  if (value == nullptr) return;
  const bool is_nothing = *value == Json(false) || *value == Json(0) || *value == Json("") ||
                          (value->is_structured() && value->empty());
  if (!is_nothing) fail(key, key + " is not supported", "unsupported_parameter");
}

void FieldReader::fail(const std::string& param, const std::string& message,
                       const std::string& code) {
  fail(bad_field(param, message, code));
}

void FieldReader::fail(OpenAiError error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace caco::lm
