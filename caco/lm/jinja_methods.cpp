// The methods of texts and maps that chat templates use; see jinja_methods.h.
#include "caco/lm/jinja_methods.h"

#include <map>
#include <optional>
#include <utility>

#include "caco/lm/jinja_items.h"

namespace caco::lm {
namespace {

Result<JinjaValue> call_map_method(const JinjaValue& object, const std::string& name,
                                   const JinjaArguments& arguments) {
  const JinjaMap& map = *object.map();
  if (name == "items") return jinja_pairs(map);
  if (name == "keys" || name == "values") {
    JinjaList list;
    for (const auto& [key, value] : map)
      list.push_back(name == "keys" ? JinjaValue(key) : value);
    return JinjaValue(std::move(list));
  }
  if (name == "get") {
    const std::string key = TRY(jinja_text_argument(arguments.get(0, "key"), name));
    const JinjaValue* found = object.member(key);
    if (found != nullptr) return *found;
    const JinjaValue otherwise = arguments.get(1, "default");
    return otherwise.is_undefined() ? JinjaValue(JinjaNone{}) : otherwise;
  }
  return jinja_error("method is not supported: dict." + name);
}

}  // namespace

Result<JinjaValue> call_text_method(const MarkedText& text, const std::string& name,
                                    const JinjaArguments& arguments) {
  const JinjaValue first = arguments.get(0, "");
  const std::map<std::string, StripSide> strips = {
      {"strip", StripSide::Both}, {"lstrip", StripSide::Left}, {"rstrip", StripSide::Right}};
  const std::map<std::string, LetterCase> cases = {{"upper", LetterCase::Upper},
                                                   {"lower", LetterCase::Lower},
                                                   {"capitalize", LetterCase::Capitalize},
                                                   {"title", LetterCase::Title}};
  if (const auto strip = strips.find(name); strip != strips.end()) {
    if (is_jinja_absent(first)) return JinjaValue(strip_text(text, strip->second, nullptr));
    const std::string characters = TRY(jinja_text_argument(first, name));
    return JinjaValue(strip_text(text, strip->second, &characters));
  }
  if (const auto found = cases.find(name); found != cases.end()) {
    return JinjaValue(TRY(change_case(text, found->second)));
  }
  if (name == "split") {
    const int64_t most = TRY(jinja_integer_argument(arguments.get(1, "maxsplit"), -1, name));
    const JinjaValue given = arguments.get(0, "sep");
    std::optional<std::string> separator;
    if (!is_jinja_absent(given)) separator = TRY(jinja_text_argument(given, name));
    if (separator && separator->empty()) return jinja_error("empty separator: split");
    JinjaList parts;
    for (MarkedText& part : split_text(text, separator ? &*separator : nullptr, most))
      parts.emplace_back(std::move(part));
    return JinjaValue(std::move(parts));
  }
  if (name == "splitlines") return jinja_error("method is not supported: splitlines");
  if (name == "join") return jinja_join(first, text);
  if (name == "replace") {
    const std::string old_part = TRY(jinja_text_argument(first, name));
    const JinjaValue new_part = arguments.get(1, "new");
    if (new_part.text() == nullptr) return jinja_error("argument is not a text: of replace");
    const int64_t most = TRY(jinja_integer_argument(arguments.get(2, "count"), -1, name));
    return JinjaValue(replace_text(text, old_part, *new_part.text(), most));
  }
  if (name != "startswith" && name != "endswith" && name != "find" && name != "count") {
    return jinja_error("method is not supported: str." + name);
  }
  const std::string part = TRY(jinja_text_argument(first, name));
  if (name == "startswith") return JinjaValue(text.bytes.starts_with(part));
  if (name == "endswith") return JinjaValue(text.bytes.ends_with(part));
  if (name == "count") {
    if (part.empty()) return jinja_error("count of an empty text");
    return JinjaValue(static_cast<int64_t>(split_text(text, &part, -1).size()) - 1);
  }
  const size_t found = text.bytes.find(part);
  if (found == std::string::npos) return JinjaValue(int64_t{-1});
  return JinjaValue(static_cast<int64_t>(character_borders(text.bytes.substr(0, found)).size()) -
                    1);
}

Result<JinjaValue> call_jinja_method(const JinjaValue& object, const std::string& name,
                                     const JinjaArguments& arguments) {
  if (object.text() != nullptr) return call_text_method(*object.text(), name, arguments);
  if (object.map() != nullptr) return call_map_method(object, name, arguments);
  return jinja_error(std::string("method is not supported: ") + object.type_name() + "." + name);
}

}  // namespace caco::lm
