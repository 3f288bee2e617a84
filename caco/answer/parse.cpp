// How it works: a text is tried as each form in turn (string, keyword, number, bracket, call, list,
// assignment, words), and each form takes the whole text or none of it. Containers are cut at their
// commas and every piece is parsed as a text of its own, so that no piece can leave a rest behind.
// Example: "(1, 2 3/4)" is a Tuple of the pieces "1" and "2 3/4". Cost: linear in the length per
// level of brackets.
#include "caco/answer/parse.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "caco/answer/limits.h"
#include "caco/answer/moment.h"
#include "caco/answer/scan_number.h"
#include "caco/answer/symbolic_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

using Pieces = std::vector<std::string_view>;

bool is_opener(char c) {
  return c == '(' || c == '[' || c == '{' || c == kMatrixStart;
}
bool is_closer(char c) {
  return c == ')' || c == ']' || c == '}' || c == kMatrixEnd;
}

// Returns the index of the bracket that closes the one at the start, or npos. Kinds may differ, as
// in the interval [1, 2).
size_t find_closer(std::string_view text) {
  int64_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_opener(text[i])) ++depth;
    if (is_closer(text[i]) && --depth == 0) return i;
  }
  return std::string_view::npos;
}

// Cuts at the separator where no bracket is open.
Pieces split(std::string_view text, std::string_view separator) {
  Pieces pieces;
  int64_t depth = 0;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_opener(text[i])) ++depth;
    if (is_closer(text[i])) --depth;
    if (depth != 0 || text[i] != separator[0] || text.substr(i, separator.size()) != separator) {
      continue;
    }
    pieces.push_back(text.substr(start, i - start));
    start = i + separator.size();
    i = start - 1;
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

Value simple_value(ValueKind kind) {
  Value value;
  value.kind = kind;
  return value;
}

Value text_value(std::string_view text, bool is_quoted) {
  Value value = simple_value(ValueKind::Text);
  value.text = text;
  value.is_quoted = is_quoted;
  return value;
}

Value boolean_value(bool is_true) {
  Value value = simple_value(ValueKind::Boolean);
  value.is_true = is_true;
  return value;
}

Value whole_number(int64_t number) {
  Value value = simple_value(ValueKind::Number);
  value.number.value = static_cast<long>(number);
  return value;
}

// Letters, blanks and the punctuation of words; at least one word that is no name of mathematics.
bool is_words(std::string_view text) {
  bool has_word = false;
  size_t word_start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool in_word = i < text.size() && is_letter(text[i]);
    if (in_word) continue;
    const std::string_view word = text.substr(word_start, i - word_start);
    if (word.size() >= 3 && is_math_name(fold_case_and_space(word))) return false;
    has_word = has_word || word.size() >= 3;
    word_start = i + 1;
    if (i < text.size() && !is_space(text[i]) && !is_digit(text[i]) &&
        std::string_view("'-.,!?;:&\"").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return has_word;
}

class Parser {
 public:
  Parser(const CleanText& clean, bool commas_group) : clean_(clean) {
    context_.commas_group = commas_group;
  }

  Value parse(std::string_view text, int64_t depth) {
    text = trim(text);
    if (depth > kMaxAnswerDepth || ++num_parts_ > kMaxAnswerParts) context_.is_over_limit = true;
    if (context_.is_over_limit || text.empty()) return symbolic(text);
    using Form = std::optional<Value> (Parser::*)(std::string_view, int64_t);
    static constexpr std::array<Form, 12> kForms = {
        &Parser::moment, &Parser::number,     &Parser::literal,     &Parser::keyword,
        &Parser::option, &Parser::matrix,     &Parser::bracket,     &Parser::call,
        &Parser::list,   &Parser::assignment, &Parser::joined_list, &Parser::words};
    for (const Form form : kForms) {
      std::optional<Value> value = (this->*form)(text, depth);
      if (context_.is_over_limit) break;
      if (value.has_value()) return std::move(*value);
    }
    return symbolic(text);
  }

  const ScanContext& context() const { return context_; }

 private:
  Value symbolic(std::string_view text) const {
    Value value;
    value.text = normal_symbolic_text(text);
    // Literals inside an expression count by their content, not by their number.
    for (size_t at = text.find(kLiteralStart); at != std::string_view::npos;
         at = text.find(kLiteralStart, at + 1)) {
      if (const std::string* content = literal_at(text.substr(at)); content != nullptr) {
        value.text += '\n' + *content;
      }
    }
    return value;
  }

  // Returns the content of the literal whose mark stands at the start of the text.
  const std::string* literal_at(std::string_view text) const {
    size_t index = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), index);
    const bool is_mark = error == std::errc() && index < clean_.literals.size();
    return is_mark ? &clean_.literals[index] : nullptr;
  }

  std::optional<Value> number(std::string_view text, int64_t) {
    const char c = text.front();
    const bool may_be_number = is_digit(c) || c == '-' || c == '+' || c == '.' || c == '$' ||
                               c == '\\' || c == 'U' || static_cast<signed char>(c) < 0;
    if (!may_be_number) return std::nullopt;
    return scan_quantity(text, context_);
  }

  std::optional<Value> literal(std::string_view text, int64_t) {
    if (text.size() > 1 && (text[0] == 'b' || text[0] == 'r' || text[0] == 'u')) {
      if (text[1] == kLiteralStart) text.remove_prefix(1);
    }
    if (text.front() != kLiteralStart || text.find(kLiteralEnd) != text.size() - 1) {
      return std::nullopt;
    }
    const std::string* content = literal_at(text);
    if (content == nullptr) return std::nullopt;
    return text_value(*content, /*is_quoted=*/true);
  }

  std::optional<Value> keyword(std::string_view text, int64_t) {
    if (text.size() > 20) return std::nullopt;
    const bool has_sign = text.front() == '-' || text.front() == '+';
    const std::string word = fold_case_and_space(has_sign ? text.substr(1) : text);
    if (word == "inf" || word == "infinity" || word == "oo") {
      Value value = simple_value(ValueKind::Infinity);
      value.is_negative = text.front() == '-';
      return value;
    }
    if (has_sign) return std::nullopt;
    if (word == "nan") return simple_value(ValueKind::NotANumber);
    if (word == "none" || word == "null") return simple_value(ValueKind::None);
    if (word == "true" || word == "yes") return boolean_value(true);
    if (word == "false" || word == "no") return boolean_value(false);
    if (const std::optional<int64_t> value = number_word_value(word)) return whole_number(*value);
    return std::nullopt;
  }

  std::optional<Value> moment(std::string_view text, int64_t) {
    const std::optional<Moment> moment = parse_moment(text);
    if (!moment.has_value()) return std::nullopt;
    Value value = simple_value(ValueKind::Moment);
    value.moment = *moment;
    return value;
  }

  // "A", "(A)", "(a)", "A)", "(A) 5 km": the letter, and what follows it as items[0].
  std::optional<Value> option(std::string_view text, int64_t depth) {
    static constexpr std::string_view kLetters = "ABCDEFGHIJ";
    const bool is_open = text.front() == '(';
    const size_t at = is_open ? 1 : 0;
    if (at >= text.size()) return std::nullopt;
    const bool is_small = is_open && text[at] >= 'a' && text[at] <= 'j';
    const char letter = is_small ? static_cast<char>(text[at] - 'a' + 'A') : text[at];
    if (kLetters.find(letter) == std::string_view::npos) return std::nullopt;
    std::string_view rest = text.substr(at + 1);
    const bool is_closed = rest.starts_with(")");
    if (is_open != is_closed && !(is_closed && !is_open)) return std::nullopt;
    if (is_closed) rest.remove_prefix(1);
    if (!is_closed && rest.starts_with(":") && rest.size() > 1) rest.remove_prefix(1);
    const bool is_bare = rest.size() + at + 1 == text.size();
    if (!trim(rest).empty() && (is_bare || !is_space(rest.front()))) return std::nullopt;
    Value value = simple_value(ValueKind::Option);
    value.text = letter;
    if (!trim(rest).empty()) value.items.push_back(parse(rest, depth + 1));
    return value;
  }

  std::optional<Value> matrix(std::string_view text, int64_t depth) {
    if (text.front() != kMatrixStart || find_closer(text) != text.size() - 1) return std::nullopt;
    Value value = simple_value(ValueKind::Matrix);
    Pieces rows = split(text.substr(1, text.size() - 2), std::string_view(&kRowBreak, 1));
    if (rows.size() > 1 && trim(rows.back()).empty()) rows.pop_back();
    for (const std::string_view row : rows) {
      Value cells = simple_value(ValueKind::List);
      for (const std::string_view cell : split(row, "&")) {
        cells.items.push_back(parse(cell, depth + 1));
      }
      value.items.push_back(std::move(cells));
    }
    return value;
  }

  std::optional<Value> bracket(std::string_view text, int64_t depth) {
    if (!is_opener(text.front()) || find_closer(text) != text.size() - 1) return std::nullopt;
    const char open = text.front();
    const char close = text.back();
    const std::string_view inside = trim(text.substr(1, text.size() - 2));
    if (open == '{' && close == '}') return set_or_dict(inside, depth);
    if ((open != '(' && open != '[') || (close != ')' && close != ']')) return std::nullopt;

    Value value;
    const bool has_comma = read_items(inside, depth, value.items);
    if (open == '(' && close == ')') {
      // "(5)" is 5; "(5,)" and "()" are tuples.
      if (!has_comma && value.items.size() == 1) return std::move(value.items[0]);
      value.kind = ValueKind::Tuple;
    } else if (open == '[' && close == ']') {
      value.kind = ValueKind::List;
    } else {
      if (value.items.size() != 2) return std::nullopt;
      value.kind = ValueKind::Interval;
      value.text = std::string{open, close};
    }
    if (has_empty_item(value)) return std::nullopt;
    return value;
  }

  std::optional<Value> set_or_dict(std::string_view inside, int64_t depth) {
    Value value = simple_value(ValueKind::Set);
    if (inside.empty()) return value;
    const Pieces pieces = split_items(inside);
    const bool is_dict = std::all_of(pieces.begin(), pieces.end(), [](std::string_view piece) {
      return split(piece, ":").size() == 2;
    });
    if (!is_dict) {
      read_items(inside, depth, value.items);
      if (has_empty_item(value)) return std::nullopt;
      return value;
    }
    value.kind = ValueKind::Dict;
    for (const std::string_view piece : pieces) {
      const Pieces pair = split(piece, ":");
      value.items.push_back(parse(pair[0], depth + 1));
      value.items.push_back(parse(pair[1], depth + 1));
    }
    return value;
  }

  // Commas part the items, and semicolons where there is no comma. In "1,234, 5,678" the commas
  // without a blank group digits in the first reading.
  Pieces split_items(std::string_view inside) {
    Pieces pieces = split(inside, ",");
    if (pieces.size() == 1) return split(inside, ";");
    if (!context_.commas_group || inside.find(", ") == std::string_view::npos) return pieces;
    Pieces merged;
    for (const std::string_view piece : pieces) {
      if (merged.empty() || !continues_number(merged.back(), piece)) {
        merged.push_back(piece);
        continue;
      }
      std::string_view& last = merged.back();
      last = {last.data(), last.size() + 1 + piece.size()};
      context_.saw_grouping = true;
    }
    return merged;
  }

  // Returns whether ",piece" after `before` may be the next three digits of a number.
  static bool continues_number(std::string_view before, std::string_view piece) {
    if (piece.size() < 3 || !std::all_of(piece.begin(), piece.begin() + 3, is_digit) ||
        (piece.size() > 3 && is_digit(piece[3]))) {
      return false;
    }
    size_t num_digits = 0;
    while (num_digits < before.size() && is_digit(before[before.size() - 1 - num_digits])) {
      ++num_digits;
    }
    return num_digits >= 1 && num_digits <= 3;
  }

  // Reads the items between brackets; returns whether there was a comma.
  bool read_items(std::string_view inside, int64_t depth, std::vector<Value>& items) {
    if (inside.empty()) return false;
    Pieces pieces = split_items(inside);
    const bool has_comma = pieces.size() > 1;
    if (has_comma && trim(pieces.back()).empty()) pieces.pop_back();
    for (const std::string_view piece : pieces) {
      items.push_back(parse(piece, depth + 1));
      if (context_.is_over_limit) break;
    }
    return has_comma;
  }

  static bool has_empty_item(const Value& value) {
    return std::any_of(value.items.begin(), value.items.end(), [](const Value& item) {
      return item.kind == ValueKind::Symbolic && item.text.empty();
    });
  }

  // Calls that print values: Fraction(1, 2), Decimal('0.5'), np.int64(3), array([1, 2]).
  std::optional<Value> call(std::string_view text, int64_t depth) {
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

  static constexpr std::array<std::string_view, 3> kFractionCalls = {"Fraction", "Rational", "mpq"};
  static constexpr std::array<std::string_view, 21> kScalarCalls = {
      "Decimal", "Integer", "Float", "int",    "float",  "int8",   "int16",
      "int32",   "int64",   "uint8", "uint16", "uint32", "uint64", "float16",
      "float32", "float64", "mpf",   "mpz",    "bool_",  "str_",   "longdouble"};
  static constexpr std::array<std::string_view, 3> kSetCalls = {"set", "frozenset", "FiniteSet"};
  static constexpr std::array<std::string_view, 7> kListCalls = {
      "list", "array", "tuple", "Tuple", "deque", "Matrix", "Counter"};

  template <typename Names>
  static bool is_among(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  static bool is_known_call(std::string_view name) {
    return is_among(kFractionCalls, name) || is_among(kScalarCalls, name) ||
           is_among(kSetCalls, name) || is_among(kListCalls, name) || name == "date" ||
           name == "datetime";
  }

  std::optional<Value> call_value(std::string_view name, std::vector<Value> arguments) {
    if (is_among(kFractionCalls, name)) return fraction_call(arguments);
    if (is_among(kScalarCalls, name)) {
      if (arguments.size() != 1) return std::nullopt;
      return unquoted_number(std::move(arguments[0]));
    }
    if (name == "date" || name == "datetime") return date_call(arguments);
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
    if (!is_container(arguments[0]) && arguments[0].kind != ValueKind::Dict) return std::nullopt;
    return std::move(arguments[0]);
  }

  static bool is_container(const Value& value) {
    return value.kind == ValueKind::List || value.kind == ValueKind::Tuple ||
           value.kind == ValueKind::Set;
  }

  static std::optional<Value> fraction_call(const std::vector<Value>& arguments) {
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

  // Decimal('0.5') holds its number in a string.
  std::optional<Value> unquoted_number(Value value) {
    if (value.kind != ValueKind::Text || !value.is_quoted) return value;
    if (std::optional<Value> inside = scan_quantity(value.text, context_)) return inside;
    if (std::optional<Value> inside = keyword(trim(value.text), 0)) return inside;
    return value;
  }

  // datetime.date(2024, 3, 5) and datetime.datetime(2024, 3, 5, 15, 30)
  static std::optional<Value> date_call(const std::vector<Value>& arguments) {
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

  // "1, 2, and 3" without brackets.
  std::optional<Value> list(std::string_view text, int64_t depth) {
    Pieces pieces = split_items(text);
    if (pieces.size() < 2) return std::nullopt;
    if (trim(pieces.back()).empty()) pieces.pop_back();
    Value value = simple_value(ValueKind::BareList);
    for (std::string_view piece : pieces) {
      piece = trim(piece);
      for (const std::string_view word : {"and ", "or "}) {
        if (value.items.size() + 1 == pieces.size() && piece.starts_with(word)) {
          piece.remove_prefix(word.size());
        }
      }
      Value item = parse(piece, depth + 1);
      if (context_.is_over_limit) return std::nullopt;
      // A sentence with commas is no list.
      if (item.kind == ValueKind::Text && !item.is_quoted &&
          std::count(item.text.begin(), item.text.end(), ' ') > 2) {
        return std::nullopt;
      }
      if (item.kind == ValueKind::BareList) {
        std::move(item.items.begin(), item.items.end(), std::back_inserter(value.items));
      } else {
        value.items.push_back(std::move(item));
      }
    }
    if (value.items.size() < 2 || has_empty_item(value)) return std::nullopt;
    return value;
  }

  // `x = 5`, `f(2) = 5`, "total cost = 5", `5 = x`
  std::optional<Value> assignment(std::string_view text, int64_t depth) {
    const Pieces sides = split(text, "=");
    if (sides.size() != 2 || trim(sides[0]).empty() || trim(sides[1]).empty()) return std::nullopt;
    if (std::string_view("<>!:~").find(trim(sides[0]).back()) != std::string_view::npos) {
      return std::nullopt;
    }
    for (const bool is_swapped : {false, true}) {
      const std::string_view name = trim(sides[is_swapped ? 1 : 0]);
      if (!is_name(name)) continue;
      Value right = parse(sides[is_swapped ? 0 : 1], depth + 1);
      if (right.kind == ValueKind::Symbolic || right.kind == ValueKind::Assignment) continue;
      Value value = simple_value(ValueKind::Assignment);
      value.text = normal_symbolic_text(name);
      value.items.push_back(std::move(right));
      return value;
    }
    return std::nullopt;
  }

  // The left side of an assignment: a letter with an index, a call of one letter, or words.
  static bool is_name(std::string_view text) {
    if (text.empty() || (!is_letter(text.front()) && text.front() != '\\')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
      return is_letter(c) || is_digit(c) || is_space(c) ||
             std::string_view("_{}()\\'").find(c) != std::string_view::npos;
    });
  }

  // "1 and 2", "-3 or 3"
  std::optional<Value> joined_list(std::string_view text, int64_t depth) {
    for (const std::string_view word :
         {" and ", " or ", "\aand\a", "\aor\a", "\a and \a", "\a or \a", "\a or ", "\a and "}) {
      const Pieces pieces = split(text, word);
      if (pieces.size() < 2 || pieces.size() > 10) continue;
      Value value = simple_value(ValueKind::BareList);
      for (const std::string_view piece : pieces) {
        Value item = parse(piece, depth + 1);
        const bool is_plain = item.kind == ValueKind::Number ||
                              item.kind == ValueKind::Assignment ||
                              item.kind == ValueKind::Infinity || item.kind == ValueKind::Option;
        if (!is_plain) return std::nullopt;
        value.items.push_back(std::move(item));
      }
      return value;
    }
    return std::nullopt;
  }

  std::optional<Value> words(std::string_view text, int64_t) {
    if (!is_words(text)) return std::nullopt;
    return text_value(text, /*is_quoted=*/false);
  }

  const CleanText& clean_;
  ScanContext context_;
  int64_t num_parts_ = 0;
};

}  // namespace

Readings parse_answer(const CleanText& clean) {
  Readings readings;
  if (static_cast<int64_t>(clean.text.size()) > kMaxAnswerBytes) {
    readings.is_over_limit = true;
    return readings;
  }
  Parser parser(clean, /*commas_group=*/true);
  readings.values.push_back(parser.parse(clean.text, 0));
  readings.is_over_limit = parser.context().is_over_limit;
  if (parser.context().saw_grouping && !readings.is_over_limit) {
    Parser second(clean, /*commas_group=*/false);
    readings.values.push_back(second.parse(clean.text, 0));
    readings.is_over_limit = second.context().is_over_limit;
  }
  return readings;
}

Readings parse_answer(std::string_view raw) {
  if (static_cast<int64_t>(raw.size()) > kMaxAnswerBytes) return Readings{{}, true};
  return parse_answer(clean_answer(raw));
}

}  // namespace caco
