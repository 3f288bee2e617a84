// What is inside of a Jinja value; see jinja_items.h.
#include "caco/lm/jinja_items.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "caco/lm/jinja_text.h"

namespace caco::lm {

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
  const int64_t length = TRY(jinja_length(object));
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
  const int64_t stride = TRY(jinja_integer_argument(step, 1, "a slice"));
  if (stride == 0) return jinja_error("slice with step 0");
  const int64_t length = TRY(jinja_length(object));
  const bool is_forward = stride > 0;
  // Python: indices count from the end when negative and are cut to what is there.
  const int64_t low = is_forward ? 0 : -1;
  const int64_t high = is_forward ? length : length - 1;
  const auto place = [&](int64_t index) {
    if (index < 0) index = index < -length ? low : index + length;
    return std::clamp(index, low, high);
  };
  const int64_t first = is_jinja_absent(begin)
                            ? (is_forward ? low : high)
                            : place(TRY(jinja_integer_argument(begin, 0, "a slice")));
  const int64_t last = is_jinja_absent(end) ? (is_forward ? high : low)
                                            : place(TRY(jinja_integer_argument(end, 0, "a slice")));
  const JinjaList items = TRY(jinja_items(object));
  JinjaList picked;
  for (int64_t i = first; is_forward ? i < last : i > last;) {
    picked.push_back(items[static_cast<size_t>(i)]);
    if (__builtin_add_overflow(i, stride, &i)) break;
  }
  if (object.list() != nullptr) return JinjaValue(std::move(picked));
  return jinja_join(JinjaValue(std::move(picked)), MarkedText());
}

Result<int64_t> jinja_length(const JinjaValue& value) {
  if (value.text() != nullptr) {
    return static_cast<int64_t>(character_borders(value.text()->bytes).size()) - 1;
  }
  if (value.map() != nullptr) return static_cast<int64_t>(value.map()->size());
  const JinjaList items = TRY(jinja_items(value));
  return static_cast<int64_t>(items.size());
}

Result<JinjaValue> jinja_join(const JinjaValue& value, const MarkedText& separator) {
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

JinjaValue jinja_pairs(const JinjaMap& map) {
  JinjaList pairs;
  for (const auto& [key, value] : map)
    pairs.emplace_back(JinjaList{key, value});
  return pairs;
}

Result<JinjaValue> jinja_range(const JinjaArguments& arguments) {
  std::vector<int64_t> numbers;
  for (const JinjaValue& argument : arguments.positional) {
    if (argument.integer() == nullptr) return jinja_error("range of a value that is no integer");
    numbers.push_back(*argument.integer());
  }
  if (numbers.empty() || numbers.size() > 3) return jinja_error("range with wrong arguments");
  const int64_t begin = numbers.size() == 1 ? 0 : numbers[0];
  const int64_t end = numbers.size() == 1 ? numbers[0] : numbers[1];
  const int64_t step = numbers.size() == 3 ? numbers[2] : 1;
  JinjaList list;
  if (step == 0) return jinja_error("range with step 0");
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (static_cast<int64_t>(list.size()) >= kMaxJinjaListSize)
      return jinja_error("range too long");
    list.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return JinjaValue(std::move(list));
}

}  // namespace caco::lm
