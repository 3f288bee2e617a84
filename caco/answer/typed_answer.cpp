#include "caco/answer/typed_answer.h"

#include <array>
#include <string>
#include <utility>

#include "caco/answer/equal.h"
#include "caco/answer/limits.h"
#include "caco/answer/moment.h"
#include "caco/answer/parse.h"
#include "caco/answer/parser.h"
#include "caco/answer/scan_number.h"
#include "caco/answer/text_pieces.h"
#include "caco/answer/verdict.h"

namespace caco {
namespace {

constexpr std::array<std::string_view, 4> kSets = {"set", "frozenset", "dict_keys", "keys"};
constexpr std::array<std::string_view, 4> kDicts = {"dict", "counter", "defaultdict",
                                                    "ordereddict"};

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

class TypedReader {
 public:
  Value read(const Json& typed, int64_t depth) {
    if (depth > kMaxAnswerDepth || ++num_parts_ > kMaxAnswerParts) context_.is_over_limit = true;
    if (context_.is_over_limit) return Value();
    switch (typed.type()) {
      case Json::value_t::null:
        return simple_value(ValueKind::None);
      case Json::value_t::boolean: {
        Value value = simple_value(ValueKind::Boolean);
        value.is_true = typed.get<bool>();
        return value;
      }
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float:
        return number(dump_json(typed));
      case Json::value_t::string:
        return text(typed.get<std::string>());
      case Json::value_t::array:
        return collection(ValueKind::List, typed, depth);
      case Json::value_t::object:
        if (typed.size() == 1) return tagged(typed.begin().key(), typed.begin().value(), depth);
        return opaque(typed);
      default:
        return opaque(typed);
    }
  }

  bool is_over_limit() const { return context_.is_over_limit; }

 private:
  Value opaque(const Json& typed) const {
    Value value = simple_value(ValueKind::Symbolic);
    value.text = dump_json(typed);
    return value;
  }

  Value text(const std::string& content) {
    if (static_cast<int64_t>(content.size()) > kMaxAnswerBytes) context_.is_over_limit = true;
    return text_value(content, /*is_quoted=*/true);
  }

  // Digits, "nan", "-inf", "3/4", "1.10", "Infinity".
  Value number(const std::string& digits) {
    if (static_cast<int64_t>(digits.size()) > kMaxAnswerBytes) context_.is_over_limit = true;
    if (context_.is_over_limit) return Value();
    if (std::optional<Value> value = scan_quantity(digits, context_)) return std::move(*value);
    const std::string word = fold_case_and_space(digits);
    if (word == "nan" || word == "-nan") return simple_value(ValueKind::NotANumber);
    Value value = simple_value(ValueKind::Infinity);
    value.is_negative = word.starts_with('-');
    const bool is_infinite = word.find("inf") != std::string::npos;
    return is_infinite ? value : opaque(Json(digits));
  }

  Value collection(ValueKind kind, const Json& items, int64_t depth) {
    Value value = simple_value(kind);
    value.is_quoted = true;
    for (const Json& item : items) {
      value.items.push_back(read(item, depth + 1));
      if (context_.is_over_limit) break;
    }
    return value;
  }

  Value dictionary(const Json& pairs, int64_t depth) {
    Value value = simple_value(ValueKind::Dict);
    for (const Json& pair : pairs) {
      if (!pair.is_array() || pair.size() != 2) return opaque(pairs);
      value.items.push_back(read(pair[0], depth + 1));
      value.items.push_back(read(pair[1], depth + 1));
      if (context_.is_over_limit) break;
    }
    return value;
  }

  Value tagged(const std::string& tag, const Json& content, int64_t depth) {
    if (content.is_string()) return tagged_text(tag, content.get<std::string>());
    if (!content.is_array()) return opaque({{tag, content}});
    if (is_among(kSets, tag)) return collection(ValueKind::Set, content, depth);
    if (is_among(kDicts, tag)) return dictionary(content, depth);
    if (tag == "tuple") return collection(ValueKind::Tuple, content, depth);
    if (tag == "deque") return collection(ValueKind::List, content, depth);
    if (tag == "complex" && content.size() == 2) return complex(content, depth);
    if (tag == "range" && content.size() == 3) return range(content, depth);
    if (tag == "timedelta" && content.size() == 3) return duration(content, depth);
    if (tag == "numpy" && content.size() == 2) return read(content[1], depth + 1);
    if (tag == "ndarray" && content.size() == 2) return array(content[1], depth);
    if (tag == "sympy" && content.size() == 2 && content[1].is_string()) {
      return printed(content[1].get<std::string>());
    }
    return opaque({{tag, content}});
  }

  Value tagged_text(const std::string& tag, const std::string& content) {
    if (tag == "int" || tag == "float" || tag == "fraction" || tag == "decimal") {
      return number(content);
    }
    if (tag == "str" || tag == "bytes" || tag == "bytearray") return text(bytes_of_hex(content));
    if (tag == "date" || tag == "datetime" || tag == "time") {
      const std::optional<Moment> moment = parse_moment(content);
      if (!moment.has_value()) return text(content);
      Value value = simple_value(ValueKind::Moment);
      value.moment = *moment;
      // A program's clock has 24 hours.
      value.moment.has_half = true;
      value.moment.is_ratio = false;
      return value;
    }
    return opaque({{tag, content}});
  }

  Value complex(const Json& parts, int64_t depth) {
    const Value real = read(parts[0], depth + 1);
    const Value imaginary = read(parts[1], depth + 1);
    if (real.kind != ValueKind::Number || imaginary.kind != ValueKind::Number) {
      return opaque({{"complex", parts}});
    }
    if (imaginary.number.value == 0) return real;
    Expr unit;
    append_node(unit, Op::Imaginary);
    const Expr product = join(Op::Multiply, number_expr(imaginary.number), unit);
    if (real.number.value == 0) return expression_value(product);
    return expression_value(join(Op::Add, number_expr(real.number), product));
  }

  // The numbers that a range runs through.
  Value range(const Json& ends, int64_t depth) {
    std::array<mpz_class, 3> numbers;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Value value = read(ends[i], depth + 1);
      if (value.kind != ValueKind::Number) return opaque({{"range", ends}});
      numbers[i] = value.number.value.get_num();
    }
    const mpz_class& step = numbers[2];
    Value list = simple_value(ValueKind::List);
    if (step == 0) return opaque({{"range", ends}});
    for (mpz_class at = numbers[0]; step > 0 ? at < numbers[1] : at > numbers[1]; at += step) {
      if (++num_parts_ > kMaxAnswerParts) context_.is_over_limit = true;
      if (context_.is_over_limit) break;
      Value item = simple_value(ValueKind::Number);
      item.number.value = at;
      list.items.push_back(std::move(item));
    }
    return list;
  }

  Value duration(const Json& parts, int64_t depth) {
    mpq_class seconds = 0;
    const std::array<mpq_class, 3> sizes = {mpq_class(86400), mpq_class(1), mpq_class(1, 1000000)};
    for (size_t i = 0; i < sizes.size(); ++i) {
      const Value part = read(parts[i], depth + 1);
      if (part.kind != ValueKind::Number) return opaque({{"timedelta", parts}});
      seconds += part.number.value * sizes[i];
    }
    Value value = simple_value(ValueKind::Number);
    value.number.value = seconds;
    value.unit = Unit{"second", true};
    return value;
  }

  // A vector is no interval: it becomes a matrix of one row. Deeper arrays are lists of lists.
  Value array(const Json& items, int64_t depth) {
    if (!items.is_array()) return read(items, depth + 1);
    Value list = collection(ValueKind::List, items, depth);
    for (const Value& item : list.items) {
      if (item.kind == ValueKind::List) return list;
    }
    Value matrix = simple_value(ValueKind::Matrix);
    matrix.text = "vector";
    matrix.items.push_back(std::move(list));
    return matrix;
  }

  // SymPy prints what our parser reads.
  Value printed(const std::string& content) {
    Readings readings = parse_answer(content);
    if (readings.is_over_limit || readings.values.empty()) {
      context_.is_over_limit = true;
      return Value();
    }
    return std::move(readings.values.front());
  }

  ScanContext context_;
  int64_t num_parts_ = 0;
};

AnswerComparison describe(const Readings& left, const Readings& right, std::string_view left_text,
                          std::string_view right_text) {
  return describe_verdict(compare_readings(left, right), left_text, right_text);
}

AnswerComparison compare_with_text(const Readings& left, std::string_view shown,
                                   std::string_view text) {
  const CleanText clean = clean_answer(text.substr(0, static_cast<size_t>(kMaxAnswerBytes) + 1));
  if (clean.text.empty()) return describe_verdict(unknown("a side is empty"), shown, text);
  return describe(left, parse_answer(text), shown, text);
}

}  // namespace

Readings read_typed_answer(const Json& typed) {
  TypedReader reader;
  Readings readings;
  readings.values.push_back(reader.read(typed, 0));
  readings.is_over_limit = reader.is_over_limit();
  return readings;
}

AnswerComparison compare_typed_answer(const Json& typed, std::string_view text) {
  return compare_with_text(read_typed_answer(typed), dump_json(typed), text);
}

AnswerComparison compare_typed_answers(const Json& left, const Json& right) {
  return describe(read_typed_answer(left), read_typed_answer(right), dump_json(left),
                  dump_json(right));
}

AnswerComparison compare_output(const Execution& execution, std::string_view text) {
  const bool is_absent = execution.output_value.is_null();  // None has the same form, and no answer
  if (is_absent) return compare_answers(execution.output_repr, text);
  const Readings typed = read_typed_answer(execution.output_value);
  const bool has_meaning = !typed.is_over_limit && typed.values.front().kind != ValueKind::Symbolic;
  if (!has_meaning) return compare_answers(execution.output_repr, text);
  return compare_with_text(typed, execution.output_repr, text);
}

}  // namespace caco
