#include "caco/sandbox_service/field_reader.h"

#include <cmath>
#include <utility>

#include "caco/sandbox/base64.h"

namespace caco {

FieldReader::FieldReader(const Json& object) : object_(object) {
  if (!object.is_object()) fault("model_attributes_type", "", "Input should be a JSON object");
}

const Json* FieldReader::find(const std::string& name) const {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool FieldReader::has(const std::string& name) const {
  return find(name) != nullptr;
}

void FieldReader::fault(std::string type, std::string field, std::string message) {
  faults_.push_back({std::move(type), std::move(field), std::move(message)});
}

std::string FieldReader::text(const std::string& name, const std::string& otherwise) {
  const Json* const value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->get<std::string>();
  fault("string_type", name, "Input should be a valid string");
  return otherwise;
}

std::string FieldReader::required_text(const std::string& name) {
  if (object_.is_object() && find(name) == nullptr) fault("missing", name, "Field required");
  return text(name);
}

double FieldReader::positive_number(const std::string& name, double otherwise) {
  const Json* const value = find(name);
  if (value == nullptr) return otherwise;
  const double number = value->is_number() ? value->get<double>() : 0;
  if (!value->is_number()) {
    fault("float_type", name, "Input should be a valid number");
  } else if (!std::isfinite(number) || number <= 0) {
    fault("greater_than", name, "Input should be greater than 0");
  } else {
    return number;
  }
  return otherwise;
}

int64_t FieldReader::integer(const std::string& name, int64_t otherwise) {
  const Json* const value = find(name);
  if (value == nullptr) return otherwise;
  const bool is_huge =
      value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  if (value->is_number_integer() && !is_huge) return value->get<int64_t>();
  if (value->is_number_float()) {
    const double number = value->get<double>();
    if (std::trunc(number) == number && std::fabs(number) < 9e15)
      return static_cast<int64_t>(number);
  }
  fault("int_type", name, "Input should be a valid integer");
  return otherwise;
}

bool FieldReader::boolean(const std::string& name, bool otherwise) {
  const Json* const value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  fault("bool_type", name, "Input should be a valid boolean");
  return otherwise;
}

std::vector<std::string> FieldReader::texts(const std::string& name) {
  std::vector<std::string> texts;
  const Json* const value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    fault("list_type", name, "Input should be a valid list");
    return texts;
  }
  for (const Json& item : *value) {
    if (!item.is_string()) {
      fault("string_type", name, "Input should be a list of strings");
      return {};
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::vector<ScratchFile> FieldReader::files(const std::string& name) {
  std::vector<ScratchFile> files;
  const Json* const value = find(name);
  if (value == nullptr) return files;
  if (!value->is_object()) {
    fault("dict_type", name, "Input should be a valid dictionary");
    return files;
  }
  for (const auto& [path, content] : value->items()) {
    if (content.is_null()) continue;
    std::optional<std::string> bytes;
    if (content.is_string()) bytes = base64_decode(content.get_ref<const std::string&>());
    if (!bytes) {
      fault("value_error", name, "Content should be base64: " + path);
      return {};
    }
    files.push_back({path, std::move(*bytes)});
  }
  return files;
}

std::string FieldReader::faults_text() const {
  std::string text;
  for (const FieldFault& fault : faults_) {
    text += text.empty() ? "" : "; ";
    text += fault.field.empty() ? fault.message : fault.field + ": " + fault.message;
  }
  return text;
}

Json validation_body(const std::vector<FieldFault>& faults) {
  Json detail = Json::array();
  for (const FieldFault& fault : faults) {
    Json location = Json::array({"body"});
    if (!fault.field.empty()) location.push_back(fault.field);
    detail.push_back({{"type", fault.type}, {"loc", location}, {"msg", fault.message}});
  }
  return {{"detail", detail}};
}

}  // namespace caco
