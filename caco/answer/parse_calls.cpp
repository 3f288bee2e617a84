// Calls by which Python, NumPy and SymPy print values: Fraction(1, 2), array([1, 2]),
// Interval.open(0, 1).
#include <algorithm>
#include <iterator>

#include "caco/answer/parser.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr std::array<std::string_view, 3> kFractionCalls = {"Fraction", "Rational", "mpq"};
constexpr std::array<std::string_view, 21> kScalarCalls = {
    "Decimal", "Integer", "Float", "int",    "float",  "int8",   "int16",
    "int32",   "int64",   "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "mpf",   "mpz",    "bool_",  "str_",   "longdouble"};
constexpr std::array<std::string_view, 3> kSetCalls = {"set", "frozenset", "FiniteSet"};
constexpr std::array<std::string_view, 8> kListCalls = {"list",  "array",  "tuple",   "Tuple",
                                                        "deque", "Matrix", "Counter", "matrix"};
constexpr std::array<std::string_view, 2> kDictCalls = {"dict", "OrderedDict"};

// SymPy's sets of numbers and relations.
constexpr std::array<std::string_view, 9> kRelationCalls = {
    "Interval", "open", "Lopen", "Ropen", "Union", "Intersection", "Complement", "Eq", "And"};

bool is_known_call(std::string_view name) {
  return is_among(kFractionCalls, name) || is_among(kScalarCalls, name) ||
         is_among(kSetCalls, name) || is_among(kListCalls, name) ||
         is_among(kRelationCalls, name) || is_among(kDictCalls, name) || name == "date" ||
         name == "datetime";
}

bool is_container(const Value& value) {
  return value.kind == ValueKind::List || value.kind == ValueKind::Tuple ||
         value.kind == ValueKind::Set;
}

std::optional<Value> fraction_call(const std::vector<Value>& arguments) {
  if (arguments.empty() || arguments.size() > 2) return std::nullopt;
  for (const Value& argument : arguments) {
    if (argument.kind != ValueKind::Number || argument.number.is_decimal) return std::nullopt;
  }
  if (arguments.size() == 1) return arguments[0];
  std::optional<Number> number = divide(arguments[0].number, arguments[1].number);
  if (!number.has_value()) return std::nullopt;
  Value value = simple_value(ValueKind::Number);
  value.number = std::move(*number);
  return value;
}

// Interval(0, 1), Interval.open(0, oo), Union(Interval(0, 1), Interval(2, 3)), Eq(x, 5)
std::optional<Value> relation_call(std::string_view name, std::vector<Value> arguments) {
  if (name == "Union") {
    Value value = simple_value(ValueKind::Union);
    for (const Value& argument : arguments) {
      std::optional<Value> part = intervals_of(argument);
      if (!part.has_value()) return std::nullopt;
      std::move(part->items.begin(), part->items.end(), std::back_inserter(value.items));
    }
    return value;
  }
  if (arguments.size() != 2) return std::nullopt;
  if (name == "And" || name == "Intersection" || name == "Complement") {
    const std::optional<Value> left = intervals_of(arguments[0]);
    const std::optional<Value> right = intervals_of(arguments[1]);
    if (!left.has_value() || !right.has_value()) return std::nullopt;
    return name == "Complement" ? subtract_sets(*left, *right) : intersect_sets(*left, *right);
  }
  if (name == "Eq") {
    Value value = simple_value(ValueKind::Relation);
    value.text = "=";
    value.items = std::move(arguments);
    return value;
  }
  const bool is_open_low = name == "open" || name == "Lopen";
  const bool is_open_high = name == "open" || name == "Ropen";
  return interval_value(is_open_low ? '(' : '[', std::move(arguments[0]), std::move(arguments[1]),
                        is_open_high ? ')' : ']');
}

// datetime.date(2024, 3, 5) and datetime.datetime(2024, 3, 5, 15, 30)
std::optional<Value> date_call(const std::vector<Value>& arguments) {
  if (arguments.size() < 3 || arguments.size() > 6) return std::nullopt;
  std::array<int64_t, 6> fields = {};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const mpq_class& value = arguments[i].number.value;
    if (arguments[i].kind != ValueKind::Number || value.get_den() != 1 || value < 0 ||
        value > 9999) {
      return std::nullopt;
    }
    fields[i] = value.get_num().get_si();
  }
  Value value = simple_value(ValueKind::Moment);
  value.moment = Moment{fields[0], fields[1], fields[2], -1, true, false};
  if (arguments.size() > 3) {
    value.moment.second_of_day = fields[3] * 3600 + fields[4] * 60 + fields[5];
  }
  return value;
}

// OrderedDict([('a', 1)]) and OrderedDict({'a': 1})
std::optional<Value> dict_call(std::vector<Value> arguments) {
  if (arguments.empty()) return simple_value(ValueKind::Dict);
  if (arguments.size() == 1 && arguments[0].kind == ValueKind::Dict) return std::move(arguments[0]);
  if (arguments.size() != 1 || arguments[0].kind != ValueKind::List) return std::nullopt;
  Value value = simple_value(ValueKind::Dict);
  for (Value& pair : arguments[0].items) {
    if (pair.kind != ValueKind::Tuple || pair.items.size() != 2) return std::nullopt;
    std::move(pair.items.begin(), pair.items.end(), std::back_inserter(value.items));
  }
  return value;
}

}  // namespace

// Calls that print values: Fraction(1, 2), Decimal('0.5'), np.int64(3), array([1, 2]).
std::optional<Value> Parser::call(std::string_view text, int64_t depth) {
  const size_t open = text.find('(');
  if (open == 0 || open == std::string_view::npos || text.back() != ')' ||
      find_closer(text.substr(open)) != text.size() - open - 1) {
    return std::nullopt;
  }
  std::string_view name = text.substr(0, open);
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
    return is_ascii_letter(c) || is_digit(c) || c == '_' || c == '.';
  });
  if (!is_name || !is_ascii_letter(name.front())) return std::nullopt;
  if (const size_t dot = name.rfind('.'); dot != std::string_view::npos) {
    name.remove_prefix(dot + 1);
  }
  std::vector<Value> arguments;
  const std::string_view inside = trim(text.substr(open + 1, text.size() - open - 2));
  if (!is_known_call(name)) return std::nullopt;
  for (const std::string_view piece : inside.empty() ? Pieces{} : split(inside, ",")) {
    if (trim(piece).starts_with("dtype=")) continue;
    arguments.push_back(parse(piece, depth + 1));
    if (context_.is_over_limit) return std::nullopt;
  }
  return call_value(name, std::move(arguments));
}

std::optional<Value> Parser::call_value(std::string_view name, std::vector<Value> arguments) {
  if (is_among(kFractionCalls, name)) return fraction_call(arguments);
  if (is_among(kScalarCalls, name)) {
    if (arguments.size() != 1) return std::nullopt;
    return unquoted_number(std::move(arguments[0]));
  }
  if (name == "date" || name == "datetime") return date_call(arguments);
  if (is_among(kDictCalls, name)) return dict_call(std::move(arguments));
  if (is_among(kRelationCalls, name)) return relation_call(name, std::move(arguments));
  if (is_among(kSetCalls, name)) {
    if (name == "FiniteSet" || arguments.empty()) {
      Value value = simple_value(ValueKind::Set);
      value.items = std::move(arguments);
      return value;
    }
    if (arguments.size() != 1 || !is_container(arguments[0])) return std::nullopt;
    arguments[0].kind = ValueKind::Set;
    return std::move(arguments[0]);
  }
  if (name == "Tuple") {
    Value value = simple_value(ValueKind::Tuple);
    value.items = std::move(arguments);
    return value;
  }
  if (arguments.empty()) return simple_value(ValueKind::List);
  const bool is_vector =
      name == "array" && arguments[0].kind == ValueKind::List &&
      std::none_of(arguments[0].items.begin(), arguments[0].items.end(), is_container);
  if (is_vector) {
    // A vector is no interval.
    Value matrix = simple_value(ValueKind::Matrix);
    matrix.text = "vector";
    matrix.items.push_back(std::move(arguments[0]));
    return matrix;
  }
  if (!is_container(arguments[0]) && arguments[0].kind != ValueKind::Dict) return std::nullopt;
  const bool has_rows = name == "matrix" && arguments.size() > 1 &&
                        std::all_of(arguments.begin(), arguments.end(), is_container);
  if (has_rows) {
    Value rows = simple_value(ValueKind::List);
    rows.items = std::move(arguments);
    return rows;
  }
  return std::move(arguments[0]);
}

// Decimal('0.5') holds its number in a string.
std::optional<Value> Parser::unquoted_number(Value value) {
  if (value.kind != ValueKind::Text || !value.is_quoted) return value;
  if (std::optional<Value> inside = scan_quantity(value.text, context_)) return inside;
  if (std::optional<Value> inside = keyword(trim(value.text), 0)) return inside;
  return value;
}

}  // namespace caco
