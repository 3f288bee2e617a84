// The values of a Jinja template; see jinja_value.h.
#include "caco/lm/jinja_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace caco::lm {
namespace {

constexpr int kMaxDumpDepth = 100;

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (char character : text) {
    const unsigned char byte = static_cast<unsigned char>(character);
    switch (character) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (byte < 0x20) {
          std::array<char, 8> escape;
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
          out += escape.data();
        } else {
          out.push_back(character);
        }
    }
  }
  out.push_back('"');
}

// Writes values as Python's json.dumps.
class JsonDumper {
 public:
  explicit JsonDumper(int64_t indent) : indent_(indent) {}

  Status dump(const JinjaValue& value, int depth) {
    if (depth > kMaxDumpDepth) return jinja_error("tojson of a value that is nested too deeply");
    if (value.list() != nullptr) return dump_list(*value.list(), depth);
    if (value.map() != nullptr) return dump_map(*value.map(), depth);
    if (value.is_none()) {
      out_ += "null";
    } else if (value.boolean() != nullptr) {
      out_ += *value.boolean() ? "true" : "false";
    } else if (value.integer() != nullptr) {
      out_ += std::to_string(*value.integer());
    } else if (value.floating() != nullptr) {
      out_ += python_float(*value.floating());
    } else if (value.text() != nullptr) {
      add_text(*value.text());
    } else {
      return jinja_error(std::string("tojson of a value of type ") + value.type_name());
    }
    return {};
  }

  MarkedText take() { return MarkedText::make(std::move(out_), is_trusted_); }

 private:
  Status dump_list(const JinjaList& list, int depth) {
    if (list.empty()) {
      out_ += "[]";
      return {};
    }
    out_.push_back('[');
    for (size_t i = 0; i < list.size(); ++i) {
      begin_item(i, depth + 1);
      TRY(dump(list[i], depth + 1));
    }
    end_items(depth);
    out_.push_back(']');
    return {};
  }

  Status dump_map(const JinjaMap& map, int depth) {
    if (map.empty()) {
      out_ += "{}";
      return {};
    }
    out_.push_back('{');
    for (size_t i = 0; i < map.size(); ++i) {
      begin_item(i, depth + 1);
      add_text(map[i].first);
      out_ += ": ";
      TRY(dump(map[i].second, depth + 1));
    }
    end_items(depth);
    out_.push_back('}');
    return {};
  }

  void add_text(const MarkedText& text) {
    append_quoted(out_, text.bytes);
    is_trusted_ = is_trusted_ && text.is_trusted();
  }

  void begin_item(size_t index, int depth) {
    if (index > 0) out_.push_back(',');
    if (indent_ >= 0) {
      end_items(depth);
    } else if (index > 0) {
      out_.push_back(' ');
    }
  }

  void end_items(int depth) {
    if (indent_ < 0) return;
    out_.push_back('\n');
    out_.append(static_cast<size_t>(indent_) * static_cast<size_t>(depth), ' ');
  }

  int64_t indent_;
  std::string out_;
  bool is_trusted_ = true;
};

}  // namespace

Error jinja_error(const std::string& message) {
  return Error{ErrorCode::InvalidArgument, "chat template: " + message, ""};
}

MarkedText MarkedText::make(std::string bytes, bool is_trusted) {
  MarkedText text;
  text.marks.assign(bytes.size(), is_trusted ? kTrusted : kUntrusted);
  text.bytes = std::move(bytes);
  return text;
}

MarkedText MarkedText::slice(size_t begin, size_t end) const {
  return {bytes.substr(begin, end - begin), marks.substr(begin, end - begin)};
}

void MarkedText::append(const MarkedText& other) {
  bytes += other.bytes;
  marks += other.marks;
}

JinjaValue JinjaValue::from_json(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<int64_t>();
    case Json::value_t::number_unsigned:
      if (json.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)) return json.get<int64_t>();
      return json.get<double>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return MarkedText::make(json.get<std::string>(), /*is_trusted=*/false);
    case Json::value_t::array: {
      JinjaList list;
      for (const Json& item : json)
        list.push_back(from_json(item));
      return list;
    }
    case Json::value_t::object: {
      JinjaMap map;
      for (const auto& [key, item] : json.items())
        map.emplace_back(MarkedText::make(key, /*is_trusted=*/false), from_json(item));
      return map;
    }
    default:
      return JinjaNone{};
  }
}

JinjaList* JinjaValue::list() const {
  const auto* shared = std::get_if<std::shared_ptr<JinjaList>>(&value_);
  return shared == nullptr ? nullptr : shared->get();
}

JinjaMap* JinjaValue::map() const {
  const auto* shared = std::get_if<std::shared_ptr<JinjaMap>>(&value_);
  return shared == nullptr ? nullptr : shared->get();
}

double JinjaValue::number() const {
  if (boolean() != nullptr) return *boolean() ? 1 : 0;
  return integer() != nullptr ? static_cast<double>(*integer()) : *floating();
}

bool JinjaValue::is_true() const {
  if (is_number()) return number() != 0;
  if (text() != nullptr) return !text()->bytes.empty();
  if (list() != nullptr) return !list()->empty();
  if (map() != nullptr) return !map()->empty();
  return macro() != nullptr;
}

bool JinjaValue::equals(const JinjaValue& other) const {
  if (is_number() && other.is_number()) {
    const bool is_floating = floating() != nullptr || other.floating() != nullptr;
    if (is_floating || boolean() != nullptr || other.boolean() != nullptr) {
      return number() == other.number();
    }
    return *integer() == *other.integer();
  }
  if (text() != nullptr && other.text() != nullptr) return text()->bytes == other.text()->bytes;
  if (list() != nullptr && other.list() != nullptr) {
    return std::equal(list()->begin(), list()->end(), other.list()->begin(), other.list()->end(),
                      [](const JinjaValue& a, const JinjaValue& b) { return a.equals(b); });
  }
  if (map() != nullptr && other.map() != nullptr) {
    return map()->size() == other.map()->size() &&
           std::all_of(map()->begin(), map()->end(), [&](const auto& entry) {
             const JinjaValue* found = other.member(entry.first.bytes);
             return found != nullptr && entry.second.equals(*found);
           });
  }
  return (is_none() && other.is_none()) || (is_undefined() && other.is_undefined());
}

const JinjaValue* JinjaValue::member(std::string_view key) const {
  if (map() == nullptr) return nullptr;
  for (const auto& [own_key, value] : *map()) {
    if (own_key.bytes == key) return &value;
  }
  return nullptr;
}

const char* JinjaValue::type_name() const {
  if (is_none()) return "none";
  if (boolean() != nullptr) return "bool";
  if (integer() != nullptr) return "int";
  if (floating() != nullptr) return "float";
  if (text() != nullptr) return "str";
  if (list() != nullptr) return "list";
  if (map() != nullptr) return "dict";
  return macro() != nullptr ? "macro" : "undefined";
}

Result<MarkedText> to_text(const JinjaValue& value) {
  if (value.text() != nullptr) return *value.text();
  std::string text;
  if (value.is_none()) {
    text = "None";
  } else if (value.boolean() != nullptr) {
    text = *value.boolean() ? "True" : "False";
  } else if (value.integer() != nullptr) {
    text = std::to_string(*value.integer());
  } else if (value.floating() != nullptr) {
    text = python_float(*value.floating());
  } else if (!value.is_undefined()) {
    return jinja_error(std::string("printing is not supported of a ") + value.type_name());
  }
  return MarkedText::make(std::move(text), /*is_trusted=*/true);
}

Result<MarkedText> to_json_text(const JinjaValue& value, int64_t indent) {
  JsonDumper dumper(indent);
  TRY(dumper.dump(value, /*depth=*/0));
  return dumper.take();
}

std::string python_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 40> buffer{};
  const auto scientific = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                        std::chars_format::scientific);
  const std::string text(buffer.data(), scientific.ptr);
  const size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  std::string result(buffer.data(), fixed.ptr);
  if (result.find('.') == std::string::npos) result += ".0";
  return result;
}

}  // namespace caco::lm
