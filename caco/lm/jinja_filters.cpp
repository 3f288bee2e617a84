// The filters and tests that chat templates use; see jinja_filters.h.
#include "caco/lm/jinja_filters.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "caco/lm/jinja_items.h"
#include "caco/lm/jinja_methods.h"
#include "caco/lm/jinja_text.h"

namespace caco::lm {
namespace {

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
  if (by_attribute) attribute = TRY(jinja_text_argument(arguments.get(next++, ""), name));
  std::string test;
  if (arguments.positional.size() > next) {
    test = TRY(jinja_text_argument(arguments.positional[next++], name));
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
    const std::string filter = TRY(jinja_text_argument(arguments.get(1, ""), "map"));
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
    if (is_jinja_absent(characters)) return JinjaValue(strip_text(text, StripSide::Both, nullptr));
    const std::string set = TRY(jinja_text_argument(characters, name));
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
  if (name == "length" || name == "count") return JinjaValue(TRY(jinja_length(value)));
  if (name == "tojson") {
    for (const auto& [option, setting] : arguments.named) {
      const bool is_default = option == "ensure_ascii" && !setting.is_true();
      if (option != "indent" && !is_default) return jinja_error("tojson option: " + option);
    }
    const int64_t indent =
        TRY(jinja_integer_argument(arguments.get(~size_t{0}, "indent"), -1, name));
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
    return jinja_pairs(*value.map());
  }
  if (name == "dictsort" && value.map() != nullptr && arguments.positional.size() == 1) {
    if (!arguments.named.empty()) return jinja_error("dictsort with options is not supported");
    return JinjaValue(TRY(sort_by_key(*value.map())));
  }
  if (name == "join") {
    const JinjaValue separator = arguments.get(1, "d");
    if (!arguments.get(~size_t{0}, "attribute").is_undefined())
      return jinja_error("join by attribute");
    return jinja_join(value, TRY(to_text(separator)));
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
