#include "caco/base/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace caco {
namespace {

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

Error not_allowed(const OptionField& field, const Json& value) {
  return Error{ErrorCode::InvalidArgument,
               fmt::format("wrong value of {}: {}; allowed: {}", field.name, dump_json(value),
                           allowed_values(field)),
               ""};
}

}  // namespace

void OptionFields::boolean(std::string name, bool& target, std::string description) {
  fields_.push_back({std::move(name), std::move(description), &target, 0, 0, {}, true});
}

void OptionFields::integer(std::string name, int64_t& target, int64_t minimum, int64_t maximum,
                           std::string description) {
  fields_.push_back({std::move(name),
                     std::move(description),
                     &target,
                     static_cast<double>(minimum),
                     static_cast<double>(maximum),
                     {},
                     true});
}

void OptionFields::number(std::string name, double& target, double minimum, double maximum,
                          std::string description) {
  fields_.push_back({std::move(name), std::move(description), &target, minimum, maximum, {}, true});
}

void OptionFields::text(std::string name, std::string& target, std::string description) {
  fields_.push_back({std::move(name), std::move(description), &target, 0, 0, {}, true});
}

void OptionFields::choice(std::string name, std::string& target, std::vector<std::string> allowed,
                          std::string description) {
  fields_.push_back(
      {std::move(name), std::move(description), &target, 0, 0, std::move(allowed), true});
}

void OptionFields::list(std::string name, std::vector<std::string>& target,
                        std::string description) {
  fields_.push_back({std::move(name), std::move(description), &target, 0, 0, {}, true});
}

void OptionFields::last_is_performance_only() {
  assert(!fields_.empty());
  fields_.back().affects_result = false;
}

std::string allowed_values(const OptionField& field) {
  if (std::holds_alternative<bool*>(field.target)) return "true or false";
  if (std::holds_alternative<int64_t*>(field.target)) {
    return fmt::format("an integer from {} to {}", static_cast<int64_t>(field.minimum),
                       static_cast<int64_t>(field.maximum));
  }
  if (std::holds_alternative<double*>(field.target))
    return fmt::format("a number from {} to {}", field.minimum, field.maximum);
  if (std::holds_alternative<std::vector<std::string>*>(field.target)) return "a list of strings";
  return field.allowed.empty() ? "a string" : "one of: " + join(field.allowed);
}

Status set_option(const OptionField& field, const Json& value) {
  if (bool* const* target = std::get_if<bool*>(&field.target)) {
    if (!value.is_boolean()) return not_allowed(field, value);
    **target = value.get<bool>();
  } else if (int64_t* const* integer = std::get_if<int64_t*>(&field.target)) {
    if (!value.is_number_integer()) return not_allowed(field, value);
    const int64_t number = value.get<int64_t>();
    if (static_cast<double>(number) < field.minimum ||
        static_cast<double>(number) > field.maximum) {
      return not_allowed(field, value);
    }
    **integer = number;
  } else if (double* const* real = std::get_if<double*>(&field.target)) {
    if (!value.is_number()) return not_allowed(field, value);
    const double number = value.get<double>();
    if (!(number >= field.minimum && number <= field.maximum)) return not_allowed(field, value);
    **real = number;
  } else if (std::string* const* text = std::get_if<std::string*>(&field.target)) {
    if (!value.is_string()) return not_allowed(field, value);
    const std::string word = value.get<std::string>();
    if (!field.allowed.empty() &&
        std::find(field.allowed.begin(), field.allowed.end(), word) == field.allowed.end()) {
      return not_allowed(field, value);
    }
    **text = word;
  } else {
    if (!value.is_array() ||
        !std::all_of(value.begin(), value.end(), [](const Json& x) { return x.is_string(); })) {
      return not_allowed(field, value);
    }
    **std::get_if<std::vector<std::string>*>(&field.target) = value.get<std::vector<std::string>>();
  }
  return {};
}

Json option_value(const OptionField& field) {
  return std::visit([](const auto* target) { return Json(*target); }, field.target);
}

Json options_to_json(const OptionFields& fields, bool only_affecting) {
  Json object = Json::object();
  for (const OptionField& field : fields.all()) {
    if (only_affecting && !field.affects_result) continue;
    object[field.name] = option_value(field);
  }
  return object;
}

}  // namespace caco
