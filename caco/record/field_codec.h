// Writing and reading the fields of JSON objects through one list of fields for both ways, so that
// the two cannot drift apart. A list is a function template over the codec:
//
//   constexpr auto kFields = [](auto& codec, auto& part) { codec.text("name", part.name); };
//
// with FieldWriter and a const part it writes, with FieldReader and a mutable one it reads. What an
// enumeration's names are, is found by argument: `to_string(value)` and `parse_name(text, Enum{})`.
// The writer appends to a line directly, without a tree in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/json.h"

namespace caco {

// Appends a JSON string. Bytes that are no UTF-8 are treated as dump_json does.
void append_json_string(std::string& line, std::string_view text);

// Writes the fields of one object.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& line) : line_(line) { line_ += '{'; }
  void finish() { line_ += '}'; }

  void text(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    key(name);
    append_json_string(line_, value);
  }
  void required_text(std::string_view name, const std::string& value) {
    key(name);
    append_json_string(line_, value);
  }
  void integer(std::string_view name, int64_t value) {
    key(name);
    line_ += std::to_string(value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    line_ += value ? "true" : "false";
  }
  template <typename Enum>
  void enumeration(std::string_view name, Enum value) {
    key(name);
    append_json_string(line_, to_string(value));
  }
  void json(std::string_view name, const Json& value) {
    if (value.is_null()) return;
    key(name);
    line_ += dump_json(value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    key(name);
    char separator = '[';
    for (const std::string& value : values) {
      line_ += separator;
      append_json_string(line_, value);
      separator = ',';
    }
    line_ += ']';
  }
  void text_pairs(std::string_view name,
                  const std::vector<std::pair<std::string, std::string>>& values) {
    if (values.empty()) return;
    key(name);
    char separator = '[';
    for (const auto& [first, second] : values) {
      line_ += separator;
      line_ += '[';
      append_json_string(line_, first);
      line_ += ',';
      append_json_string(line_, second);
      line_ += ']';
      separator = ',';
    }
    line_ += ']';
  }
  template <typename PartType, typename Fields>
  void object(std::string_view name, const PartType& part, Fields fields) {
    key(name);
    FieldWriter inner(line_);
    fields(inner, part);
    inner.finish();
  }
  template <typename PartType, typename Fields>
  void optional_object(std::string_view name, const std::optional<PartType>& part, Fields fields) {
    if (part.has_value()) object(name, *part, fields);
  }
  template <typename PartType, typename Fields>
  void objects(std::string_view name, const std::vector<PartType>& parts, Fields fields) {
    if (parts.empty()) return;
    key(name);
    char separator = '[';
    for (const PartType& part : parts) {
      line_ += separator;
      FieldWriter inner(line_);
      fields(inner, part);
      inner.finish();
      separator = ',';
    }
    line_ += ']';
  }

 private:
  void key(std::string_view name) {
    if (!is_first_) line_ += ',';
    is_first_ = false;
    line_ += '"';
    line_ += name;
    line_ += "\":";
  }

  std::string& line_;
  bool is_first_ = true;
};

// Reads the fields of one object and remembers the first thing that is wrong with it. A field that
// is absent or null keeps its default unless it is required. Texts are moved out of the tree.
class FieldReader {
 public:
  // `path` names the object in messages: "execution.facts"; empty for the whole sample.
  FieldReader(Json& object, std::string path, std::string& problem)
      : object_(object), path_(std::move(path)), problem_(problem) {
    if (!object_.is_object()) complain(path_, "an object", object_);
  }

  // Reports the first key that no field asked for.
  void finish() {
    if (failed() || num_found_ == object_.size()) return;
    for (const auto& [key, value] : object_.items()) {
      bool is_known = false;
      for (const std::string_view name : names_)
        is_known = is_known || name == key;
      if (!is_known) problem_ = "unknown key \"" + path_to(key) + "\"";
      if (failed()) return;
    }
  }

  void text(std::string_view name, std::string& value) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_string()) return complain(path_to(name), "a string", *found);
    value = std::move(found->get_ref<std::string&>());
  }
  void required_text(std::string_view name, std::string& value) {
    text(name, value);
    if (value.empty()) missing(name);
  }
  void integer(std::string_view name, int64_t& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    const bool fits =
        found->is_number_integer() &&
        (!found->is_number_unsigned() ||
         found->get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
    if (!fits) return complain(path_to(name), "an integer of 64 bits", *found);
    value = found->get<int64_t>();
  }
  void boolean(std::string_view name, bool& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_boolean()) return complain(path_to(name), "true or false", *found);
    value = found->get<bool>();
  }
  template <typename Enum>
  void enumeration(std::string_view name, Enum& value) {
    const Json* found = find(name);
    if (found == nullptr) return missing(name);
    if (!found->is_string()) return complain(path_to(name), "a string", *found);
    const std::optional<Enum> parsed = parse_name(found->get_ref<const std::string&>(), Enum{});
    if (!parsed.has_value() && !failed()) {
      problem_ = "unknown value of \"" + path_to(name) + "\": " + dump_json(*found);
    }
    value = parsed.value_or(value);
  }
  void json(std::string_view name, Json& value) {
    if (Json* found = find(name); found != nullptr) value = std::move(*found);
  }
  void texts(std::string_view name, std::vector<std::string>& values) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of strings", *found);
    for (Json& item : *found) {
      if (!item.is_string()) return complain(path_to(name), "a list of strings", item);
      values.push_back(std::move(item.get_ref<std::string&>()));
    }
  }
  void text_pairs(std::string_view name, std::vector<std::pair<std::string, std::string>>& values) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of pairs", *found);
    for (Json& item : *found) {
      if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_string()) {
        return complain(path_to(name), "a list of pairs of strings", item);
      }
      values.emplace_back(std::move(item[0].get_ref<std::string&>()),
                          std::move(item[1].get_ref<std::string&>()));
    }
  }
  template <typename PartType, typename Fields>
  void object(std::string_view name, PartType& part, Fields fields) {
    if (Json* found = find(name); found != nullptr) read_part(*found, path_to(name), part, fields);
  }
  template <typename PartType, typename Fields>
  void optional_object(std::string_view name, std::optional<PartType>& part, Fields fields) {
    Json* found = find(name);
    if (found == nullptr) return;
    part.emplace();
    read_part(*found, path_to(name), *part, fields);
  }
  template <typename PartType, typename Fields>
  void objects(std::string_view name, std::vector<PartType>& parts, Fields fields) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of objects", *found);
    for (Json& item : *found) {
      const std::string path = path_to(name) + "[" + std::to_string(parts.size()) + "]";
      read_part(item, path, parts.emplace_back(), fields);
    }
  }

 private:
  bool failed() const { return !problem_.empty(); }

  std::string path_to(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  }

  Json* find(std::string_view name) {
    names_.push_back(name);
    if (failed() || !object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    ++num_found_;
    return found->is_null() ? nullptr : &*found;
  }

  template <typename PartType, typename Fields>
  void read_part(Json& found, const std::string& path, PartType& part, Fields fields) {
    FieldReader inner(found, path, problem_);
    fields(inner, part);
    inner.finish();
  }

  void missing(std::string_view name) {
    if (!failed()) problem_ = "missing key \"" + path_to(name) + "\"";
  }

  void complain(const std::string& path, std::string_view wanted, const Json& found) {
    if (failed()) return;
    problem_ = "wrong type of \"" + path + "\": expected " + std::string(wanted) + ", found " +
               found.type_name();
  }

  Json& object_;
  std::string path_;
  std::string& problem_;
  std::vector<std::string_view> names_;
  size_t num_found_ = 0;
};

}  // namespace caco
