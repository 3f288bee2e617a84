// The filters, tests and methods that chat templates use; see jinja_functions.h.
#include "caco/lm/jinja_functions.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "caco/lm/jinja_text.h"

namespace caco::lm {
namespace {

JinjaValue item_pairs(const JinjaMap& map) {
  JinjaList pairs;
  for (const auto& [key, value] : map)
    pairs.emplace_back(JinjaList{key, value});
  return pairs;
}

// dictsort: the pairs in the order of their keys in lower case.
Result<JinjaList> sort_by_key(const JinjaMap& map) {
  std::vector<std::pair<std::string, JinjaValue>> pairs;
  for (const auto& [key, value] : map) {
    MarkedText lower = TRY(change_case(key, LetterCase::Lower));
    pairs.emplace_back(std::move(lower.bytes), JinjaList{key, value});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  JinjaList sorted;
  for (auto& [key, pair] : pairs)
    sorted.push_back(std::move(pair));
  return sorted;
}

bool is_absent(const JinjaValue& value) {
  return value.is_undefined() || value.is_none();
}

Result<std::string> text_argument(const JinjaValue& value, const std::string& of) {
  if (value.text() == nullptr) return jinja_error("argument is not a text: of " + of);
  return value.text()->bytes;
}

Result<int64_t> integer_argument(const JinjaValue& value, int64_t otherwise,
                                 const std::string& of) {
  if (is_absent(value)) return otherwise;
  if (value.integer() == nullptr) return jinja_error("argument is not an integer: of " + of);
  return *value.integer();
}

Result<JinjaValue> join_items(const JinjaValue& value, const MarkedText& separator) {
  MarkedText result;
  bool is_first = true;
  for (const JinjaValue& item : TRY(jinja_items(value))) {
    if (!is_first) result.append(separator);
    is_first = false;
    result.append(TRY(to_text(item)));
    if (result.bytes.size() > kMaxJinjaTextBytes) return jinja_error("text is too long: join");
  }
  return JinjaValue(std::move(result));
}

Result<int64_t> length_of(const JinjaValue& value) {
  if (value.text() != nullptr) {
    return static_cast<int64_t>(character_borders(value.text()->bytes).size()) - 1;
  }
  if (value.map() != nullptr) return static_cast<int64_t>(value.map()->size());
  const JinjaList items = TRY(jinja_items(value));
  return static_cast<int64_t>(items.size());
}

// The methods of str.
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
    if (is_absent(first)) return JinjaValue(strip_text(text, strip->second, nullptr));
    const std::string characters = TRY(text_argument(first, name));
    return JinjaValue(strip_text(text, strip->second, &characters));
  }
  if (const auto found = cases.find(name); found != cases.end()) {
    return JinjaValue(TRY(change_case(text, found->second)));
  }
  if (name == "split") {
    const int64_t most = TRY(integer_argument(arguments.get(1, "maxsplit"), -1, name));
    const JinjaValue given = arguments.get(0, "sep");
    std::optional<std::string> separator;
    if (!is_absent(given)) separator = TRY(text_argument(given, name));
    if (separator && separator->empty()) return jinja_error("empty separator: split");
    JinjaList parts;
    for (MarkedText& part : split_text(text, separator ? &*separator : nullptr, most))
      parts.emplace_back(std::move(part));
    return JinjaValue(std::move(parts));
  }
  if (name == "splitlines") return jinja_error("method is not supported: splitlines");
  if (name == "join") return join_items(first, text);
  if (name == "replace") {
    const std::string old_part = TRY(text_argument(first, name));
    const JinjaValue new_part = arguments.get(1, "new");
    if (new_part.text() == nullptr) return jinja_error("argument is not a text: of replace");
    const int64_t most = TRY(integer_argument(arguments.get(2, "count"), -1, name));
    return JinjaValue(replace_text(text, old_part, *new_part.text(), most));
  }
  if (name != "startswith" && name != "endswith" && name != "find" && name != "count") {
    return jinja_error("method is not supported: str." + name);
  }
  const std::string part = TRY(text_argument(first, name));
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

Result<JinjaValue> call_map_method(const JinjaValue& object, const std::string& name,
                                   const JinjaArguments& arguments) {
  const JinjaMap& map = *object.map();
  if (name == "items") return item_pairs(map);
  if (name == "keys" || name == "values") {
    JinjaList list;
    for (const auto& [key, value] : map)
      list.push_back(name == "keys" ? JinjaValue(key) : value);
    return JinjaValue(std::move(list));
  }
  if (name == "get") {
    const std::string key = TRY(text_argument(arguments.get(0, "key"), name));
    const JinjaValue* found = object.member(key);
    if (found != nullptr) return *found;
    const JinjaValue otherwise = arguments.get(1, "default");
    return otherwise.is_undefined() ? JinjaValue(JinjaNone{}) : otherwise;
  }
  return jinja_error("method is not supported: dict." + name);
}

// The value of `attribute` ("a" or "a.b") of an item, for map, selectattr and rejectattr.
Result<JinjaValue> attribute_of(const JinjaValue& item, const std::string& attribute) {
  JinjaValue value = item;
  for (size_t begin = 0; begin <= attribute.size();) {
    const size_t end = std::min(attribute.find('.', begin), attribute.size());
    value = TRY(jinja_member(value, attribute.substr(begin, end - begin)));
    begin = end + 1;
  }
  return value;
}

// select, reject, selectattr, rejectattr: the items for which a test holds or fails.
Result<JinjaValue> filter_items(const std::string& name, const JinjaArguments& arguments) {
  const bool by_attribute = name.ends_with("attr");
  const bool wanted = name.starts_with("select");
  size_t next = 1;
  std::string attribute;
  if (by_attribute) attribute = TRY(text_argument(arguments.get(next++, ""), name));
  std::string test;
  if (arguments.positional.size() > next) {
    test = TRY(text_argument(arguments.positional[next++], name));
  }
  JinjaList result;
  for (const JinjaValue& item : TRY(jinja_items(arguments.get(0, "")))) {
    const JinjaValue value = by_attribute ? TRY(attribute_of(item, attribute)) : item;
    bool holds = value.is_true();
    if (!test.empty()) {
      JinjaArguments of_test;
      of_test.positional.push_back(value);
      for (size_t i = next; i < arguments.positional.size(); ++i)
        of_test.positional.push_back(arguments.positional[i]);
      holds = TRY(apply_jinja_test(test, of_test));
    }
    if (holds == wanted) result.push_back(item);
  }
  return JinjaValue(std::move(result));
}

// map: an attribute of each item, or a filter on each.
Result<JinjaValue> map_items(const JinjaArguments& arguments) {
  JinjaList result;
  const JinjaValue attribute = arguments.get(~size_t{0}, "attribute");
  const JinjaValue otherwise = arguments.get(~size_t{0}, "default");
  for (const JinjaValue& item : TRY(jinja_items(arguments.get(0, "")))) {
    if (attribute.text() != nullptr) {
      JinjaValue value = TRY(attribute_of(item, attribute.text()->bytes));
      result.push_back(value.is_undefined() ? otherwise : std::move(value));
      continue;
    }
    const std::string filter = TRY(text_argument(arguments.get(1, ""), "map"));
    JinjaArguments of_filter;
    of_filter.positional.push_back(item);
    for (size_t i = 2; i < arguments.positional.size(); ++i)
      of_filter.positional.push_back(arguments.positional[i]);
    result.push_back(TRY(apply_jinja_filter(filter, of_filter)));
  }
  return JinjaValue(std::move(result));
}

Result<JinjaValue> apply_number_filter(const std::string& name, const JinjaValue& value) {
  if (name == "abs") {
    if (value.integer() != nullptr && *value.integer() != INT64_MIN) {
      return JinjaValue(std::abs(*value.integer()));
    }
    if (value.floating() != nullptr) return JinjaValue(std::fabs(*value.floating()));
    return jinja_error("filter is not supported here: abs");
  }
  if (value.integer() != nullptr) {
    return name == "int" ? value : JinjaValue(static_cast<double>(*value.integer()));
  }
  if (name == "float" && value.floating() != nullptr) return value;
  return jinja_error("filter is not supported here: " + name);
}

// The filters that take a text and give a text.
Result<JinjaValue> apply_text_filter(const std::string& name, const JinjaArguments& arguments) {
  const MarkedText text = TRY(to_text(arguments.get(0, "")));
  if (name == "trim") {
    const JinjaValue characters = arguments.get(1, "chars");
    if (is_absent(characters)) return JinjaValue(strip_text(text, StripSide::Both, nullptr));
    const std::string set = TRY(text_argument(characters, name));
    return JinjaValue(strip_text(text, StripSide::Both, &set));
  }
  if (name == "replace") {
    JinjaArguments rest;
    rest.positional.assign(arguments.positional.begin() + 1, arguments.positional.end());
    rest.named = arguments.named;
    return call_text_method(text, name, rest);
  }
  if (name == "string" || name == "safe") return JinjaValue(text);
  return call_text_method(text, name, {});  // upper, lower, capitalize
}

}  // namespace

JinjaValue JinjaArguments::get(size_t index, const std::string& name) const {
  if (index < positional.size()) return positional[index];
  for (const auto& [own_name, value] : named) {
    if (own_name == name) return value;
  }
  return {};
}

Result<JinjaList> jinja_items(const JinjaValue& value) {
  JinjaList items;
  if (value.list() != nullptr) return *value.list();
  if (value.map() != nullptr) {
    for (const auto& [key, member] : *value.map())
      items.emplace_back(key);
  } else if (value.text() != nullptr) {
    const std::vector<size_t> borders = character_borders(value.text()->bytes);
    for (size_t i = 0; i + 1 < borders.size(); ++i)
      items.emplace_back(value.text()->slice(borders[i], borders[i + 1]));
  } else if (!value.is_undefined()) {
    return jinja_error(std::string("not iterable: ") + value.type_name());
  }
  return items;
}

Result<bool> jinja_contains(const JinjaValue& container, const JinjaValue& item) {
  if (container.text() != nullptr) {
    if (item.text() == nullptr) return jinja_error("in: a text contains only texts");
    return container.text()->bytes.find(item.text()->bytes) != std::string::npos;
  }
  if (container.map() != nullptr) {
    return item.text() != nullptr && container.member(item.text()->bytes) != nullptr;
  }
  const JinjaList items = TRY(jinja_items(container));
  return std::any_of(items.begin(), items.end(),
                     [&](const JinjaValue& each) { return each.equals(item); });
}

Result<JinjaValue> jinja_member(const JinjaValue& object, const std::string& name) {
  if (object.is_undefined()) return jinja_error("member of an undefined value: " + name);
  const JinjaValue* found = object.member(name);
  return found == nullptr ? JinjaValue() : *found;
}

Result<JinjaValue> jinja_element(const JinjaValue& object, int64_t index) {
  if (object.is_undefined()) return jinja_error("element of an undefined value");
  if (object.list() == nullptr && object.text() == nullptr) return JinjaValue();
  const int64_t length = TRY(length_of(object));
  if (index < 0) index += length;
  if (index < 0 || index >= length) return JinjaValue();
  if (object.list() != nullptr) return (*object.list())[static_cast<size_t>(index)];
  return TRY(jinja_items(object))[static_cast<size_t>(index)];
}

Result<JinjaValue> jinja_slice(const JinjaValue& object, const JinjaValue& begin,
                               const JinjaValue& end, const JinjaValue& step) {
  if (object.list() == nullptr && object.text() == nullptr) {
    return jinja_error(std::string("slice of a value of type ") + object.type_name());
  }
  const int64_t stride = TRY(integer_argument(step, 1, "a slice"));
  if (stride == 0) return jinja_error("slice with step 0");
  const int64_t length = TRY(length_of(object));
  const bool is_forward = stride > 0;
  // Python: indices count from the end when negative and are cut to what is there.
  const int64_t low = is_forward ? 0 : -1;
  const int64_t high = is_forward ? length : length - 1;
  const auto place = [&](int64_t index) {
    if (index < 0) index = index < -length ? low : index + length;
    return std::clamp(index, low, high);
  };
  const int64_t first = is_absent(begin) ? (is_forward ? low : high)
                                         : place(TRY(integer_argument(begin, 0, "a slice")));
  const int64_t last =
      is_absent(end) ? (is_forward ? high : low) : place(TRY(integer_argument(end, 0, "a slice")));
  const JinjaList items = TRY(jinja_items(object));
  JinjaList picked;
  for (int64_t i = first; is_forward ? i < last : i > last;) {
    picked.push_back(items[static_cast<size_t>(i)]);
    if (__builtin_add_overflow(i, stride, &i)) break;
  }
  if (object.list() != nullptr) return JinjaValue(std::move(picked));
  return join_items(JinjaValue(std::move(picked)), MarkedText());
}

Result<JinjaValue> call_jinja_method(const JinjaValue& object, const std::string& name,
                                     const JinjaArguments& arguments) {
  if (object.text() != nullptr) return call_text_method(*object.text(), name, arguments);
  if (object.map() != nullptr) return call_map_method(object, name, arguments);
  return jinja_error(std::string("method is not supported: ") + object.type_name() + "." + name);
}

Result<JinjaValue> apply_jinja_filter(const std::string& name, const JinjaArguments& arguments) {
  const JinjaValue value = arguments.get(0, "");
  for (const char* each : {"trim", "replace", "string", "safe", "upper", "lower", "capitalize"}) {
    if (name == each) return apply_text_filter(name, arguments);
  }
  for (const char* each : {"select", "reject", "selectattr", "rejectattr"}) {
    if (name == each) return filter_items(name, arguments);
  }
  if (name == "map") return map_items(arguments);
  if (name == "int" || name == "float" || name == "abs") return apply_number_filter(name, value);
  if (name == "length" || name == "count") return JinjaValue(TRY(length_of(value)));
  if (name == "tojson") {
    for (const auto& [option, setting] : arguments.named) {
      const bool is_default = option == "ensure_ascii" && !setting.is_true();
      if (option != "indent" && !is_default) return jinja_error("tojson option: " + option);
    }
    const int64_t indent = TRY(integer_argument(arguments.get(~size_t{0}, "indent"), -1, name));
    if (arguments.positional.size() > 1 || indent > 100) return jinja_error("arguments of tojson");
    return JinjaValue(TRY(to_json_text(value, indent)));
  }
  if (name == "default" || name == "d") {
    const bool also_false = arguments.get(2, "boolean").is_true();
    const bool is_missing = value.is_undefined() || (also_false && !value.is_true());
    if (!is_missing) return value;
    const JinjaValue otherwise = arguments.get(1, "default_value");
    return otherwise.is_undefined() ? JinjaValue::trusted("") : otherwise;
  }
  if (name == "items") {
    if (value.is_undefined()) return JinjaValue(JinjaList());
    if (value.map() == nullptr) return jinja_error("items of a value that is no dict");
    return item_pairs(*value.map());
  }
  if (name == "dictsort" && value.map() != nullptr && arguments.positional.size() == 1) {
    if (!arguments.named.empty()) return jinja_error("dictsort with options is not supported");
    return JinjaValue(TRY(sort_by_key(*value.map())));
  }
  if (name == "join") {
    const JinjaValue separator = arguments.get(1, "d");
    if (!arguments.get(~size_t{0}, "attribute").is_undefined())
      return jinja_error("join by attribute");
    return join_items(value, TRY(to_text(separator)));
  }
  JinjaList items = TRY(jinja_items(value));
  if (name == "list") return JinjaValue(std::move(items));
  if (name == "first") return items.empty() ? JinjaValue() : items.front();
  if (name == "last") return items.empty() ? JinjaValue() : items.back();
  if (name == "reverse" && value.text() == nullptr) {
    std::reverse(items.begin(), items.end());
    return JinjaValue(std::move(items));
  }
  return jinja_error("filter is not supported: " + name);
}

Result<bool> apply_jinja_test(const std::string& name, const JinjaArguments& arguments) {
  const JinjaValue value = arguments.get(0, "");
  const JinjaValue other = arguments.get(1, "");
  if (name == "defined") return !value.is_undefined();
  if (name == "undefined") return value.is_undefined();
  if (name == "none") return value.is_none();
  if (name == "string") return value.text() != nullptr;
  if (name == "mapping") return value.map() != nullptr;
  if (name == "number") return value.is_number();
  if (name == "integer") return value.integer() != nullptr;
  if (name == "float") return value.floating() != nullptr;
  if (name == "boolean") return value.boolean() != nullptr;
  if (name == "true") return value.boolean() != nullptr && *value.boolean();
  if (name == "false") return value.boolean() != nullptr && !*value.boolean();
  if (name == "iterable" || name == "sequence") {
    const bool is_sized =
        value.text() != nullptr || value.list() != nullptr || value.map() != nullptr;
    return is_sized || value.is_undefined();
  }
  if (name == "equalto" || name == "eq") return value.equals(other);
  if (name == "ne") return !value.equals(other);
  if (name == "in") return jinja_contains(other, value);
  if ((name == "odd" || name == "even") && value.integer() != nullptr) {
    return (*value.integer() % 2 != 0) == (name == "odd");
  }
  if (name == "divisibleby" && value.integer() != nullptr && other.integer() != nullptr &&
      *other.integer() > 0) {
    return *value.integer() % *other.integer() == 0;
  }
  return jinja_error("test is not supported here: " + name);
}

}  // namespace caco::lm
