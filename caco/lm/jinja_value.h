// The values of a Jinja template: Python's, as far as chat templates use them.
//
// A text carries a mark for each byte that says whether it came from the outside (a message) or
// from the template. The marks follow the bytes through slices, joins and methods, so that the
// tokenizer can refuse special tokens that a message brings along. Lists and maps are shared, as in
// Python. Not thread-safe: a rendering has its own values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

// UTF-8 bytes and, for each, kTrusted or kUntrusted. The two strings are equally long.
struct MarkedText {
  static constexpr char kTrusted = '\0';
  static constexpr char kUntrusted = '\1';

  std::string bytes;
  std::string marks;

  static MarkedText make(std::string bytes, bool is_trusted);
  bool is_trusted() const { return marks.find(kUntrusted) == std::string::npos; }
  MarkedText slice(size_t begin, size_t end) const;
  void append(const MarkedText& other);
};

class JinjaValue;
using JinjaList = std::vector<JinjaValue>;
using JinjaMap = std::vector<std::pair<MarkedText, JinjaValue>>;

struct JinjaNone {};
// Something that can be called: a macro of the template, or a function of the renderer.
struct JinjaMacro {
  int64_t index = -1;  // of the macro among those defined so far; -1: a function
};

class JinjaValue {
 public:
  JinjaValue() = default;  // undefined
  JinjaValue(JinjaNone none) : value_(none) {}
  JinjaValue(bool value) : value_(value) {}
  JinjaValue(int64_t value) : value_(value) {}
  JinjaValue(double value) : value_(value) {}
  JinjaValue(MarkedText value) : value_(std::move(value)) {}
  JinjaValue(JinjaList value) : value_(std::make_shared<JinjaList>(std::move(value))) {}
  JinjaValue(JinjaMap value) : value_(std::make_shared<JinjaMap>(std::move(value))) {}
  JinjaValue(JinjaMacro value) : value_(value) {}

  static JinjaValue trusted(std::string text) { return MarkedText::make(std::move(text), true); }

  // Every text in `json`, keys included, is marked as untrusted.
  static JinjaValue from_json(const Json& json);

  bool is_undefined() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_none() const { return std::holds_alternative<JinjaNone>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  const double* floating() const { return std::get_if<double>(&value_); }
  const MarkedText* text() const { return std::get_if<MarkedText>(&value_); }
  JinjaList* list() const;
  JinjaMap* map() const;
  const JinjaMacro* macro() const { return std::get_if<JinjaMacro>(&value_); }

  bool is_number() const { return boolean() != nullptr || integer() != nullptr || floating(); }
  // REQUIRES: is_number()
  double number() const;

  // Python's truth of the value.
  bool is_true() const;

  // Python's ==.
  bool equals(const JinjaValue& other) const;

  // Returns the member of a map, or null.
  const JinjaValue* member(std::string_view key) const;

  // "str", "list" and so on, for messages.
  const char* type_name() const;

 private:
  std::variant<std::monostate, JinjaNone, bool, int64_t, double, MarkedText,
               std::shared_ptr<JinjaList>, std::shared_ptr<JinjaMap>, JinjaMacro>
      value_;
};

// Returns the error of a template that cannot be rendered; the caller adds the line.
Error jinja_error(const std::string& message);

// Returns str(value): InvalidArgument for a list, a map or a macro, which no chat template prints.
Result<MarkedText> to_text(const JinjaValue& value);

// Returns json.dumps(value, ensure_ascii=False): compact with ", " and ": " when `indent` is
// negative. All of it is untrusted if any part is. InvalidArgument: an undefined value, a macro.
Result<MarkedText> to_json_text(const JinjaValue& value, int64_t indent);

// Returns repr of a float: the shortest text that reads back, with Python's choice of exponents.
std::string python_float(double value);

}  // namespace caco::lm
