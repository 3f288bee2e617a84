// How it works: a text is tried as each form in turn (string, keyword, number, bracket, call, list,
// relation, words, expression), and each form takes the whole text or none of it. Containers are
// cut at their commas and every piece is parsed as a text of its own, so that no piece can leave a
// rest behind. Example: "(1, 2 3/4)" is a Tuple of the pieces "1" and "2 3/4". Cost: linear in the
// length per level of brackets.
#include "caco/answer/parse.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "caco/answer/decimal_comma.h"
#include "caco/answer/limits.h"
#include "caco/answer/moment.h"
#include "caco/answer/parser.h"
#include "caco/answer/symbolic_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

Value boolean_value(bool is_true) {
  Value value = simple_value(ValueKind::Boolean);
  value.is_true = is_true;
  return value;
}

Value real_line() {
  Value value = simple_value(ValueKind::Interval);
  value.text = "()";
  value.items = {simple_value(ValueKind::Infinity), simple_value(ValueKind::Infinity)};
  value.items[0].is_negative = true;
  return value;
}

// Sets of numbers that are compared by name.
struct NamedSet {
  std::string_view sign;
  std::string_view words;
};
constexpr std::array kNamedSets = {
    NamedSet{"\\mathbb{n}", "natural numbers"},  NamedSet{"naturals", "natural numbers"},
    NamedSet{"\\mathbb{z}", "integers"},         NamedSet{"all integers", "integers"},
    NamedSet{"\\mathbb{q}", "rational numbers"}, NamedSet{"rationals", "rational numbers"},
    NamedSet{"\\mathbb{c}", "complex numbers"},  NamedSet{"complexes", "complex numbers"}};

// Two letters that are no product: "ps", "Bo". Only x, y and z are taken for variables.
bool is_short_word(std::string_view text) {
  return text.size() == 2 && is_ascii_letter(text[0]) && is_ascii_letter(text[1]) &&
         text.find_first_not_of("xyz") != std::string_view::npos &&
         !is_math_name(fold_case_and_space(text)) && text != "pi" && text != "ln" && text != "oo";
}

}  // namespace

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

bool has_empty_item(const Value& value) {
  return std::any_of(value.items.begin(), value.items.end(), [](const Value& item) {
    return item.kind == ValueKind::Symbolic && item.text.empty();
  });
}

Value Parser::parse(std::string_view text, int64_t depth) {
  text = trim(text);
  num_bytes_ += static_cast<int64_t>(text.size());
  const int64_t max_bytes =
      std::min(kMaxParsedBytes,
               kMinParsedBytes + kMaxParsesPerByte * static_cast<int64_t>(clean_.text.size()));
  if (depth > kMaxAnswerDepth || ++num_parts_ > kMaxAnswerParts || num_bytes_ > max_bytes) {
    context_.is_over_limit = true;
  }
  if (context_.is_over_limit || text.empty()) return symbolic(text);
  using Form = MaybeValue (Parser::*)(std::string_view, int64_t);
  static constexpr std::array<Form, 24> kForms = {
      &Parser::moment,     &Parser::number,       &Parser::based_number,  &Parser::literal,
      &Parser::keyword,    &Parser::number_words, &Parser::option,        &Parser::matrix,
      &Parser::bracket,    &Parser::call,         &Parser::compound,      &Parser::interval_union,
      &Parser::condition,  &Parser::list,         &Parser::approximation, &Parser::membership,
      &Parser::ratio,      &Parser::assignment,   &Parser::relation,      &Parser::joined_list,
      &Parser::plus_minus, &Parser::words,        &Parser::basis_vector,  &Parser::expression};
  for (const Form form : kForms) {
    MaybeValue value = (this->*form)(text, depth);
    if (context_.is_over_limit) break;
    if (value.has_value()) return std::move(*value);
  }
  return symbolic(text);
}

Value Parser::symbolic(std::string_view text) const {
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
const std::string* Parser::literal_at(std::string_view text) const {
  size_t index = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), index);
  const bool is_mark = error == std::errc() && index < clean_.literals.size();
  return is_mark ? &clean_.literals[index] : nullptr;
}

std::optional<Value> Parser::number(std::string_view text, int64_t) {
  const char c = text.front();
  const bool may_be_number = is_digit(c) || c == '-' || c == '+' || c == '.' || c == '$' ||
                             c == '\\' || c == 'U' || static_cast<signed char>(c) < 0;
  if (!may_be_number) return std::nullopt;
  return scan_quantity(text, context_);
}

std::optional<Value> Parser::literal(std::string_view text, int64_t) {
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

std::optional<Value> Parser::keyword(std::string_view text, int64_t) {
  if (text.size() > 20) return std::nullopt;
  const bool has_sign = text.front() == '-' || text.front() == '+';
  const std::string word = fold_case_and_space(has_sign ? text.substr(1) : text);
  if (word == "inf" || word == "infinity" || word == "oo" || word == "positive infinity") {
    Value value = simple_value(ValueKind::Infinity);
    value.is_negative = text.front() == '-';
    return value;
  }
  if (has_sign) return std::nullopt;
  if (word == "\\emptyset" || word == "\\varnothing" || word == "empty set" || word == "emptyset") {
    return simple_value(ValueKind::Set);
  }
  if (word == "\\mathbb{r}" || word == "\\mathbb r" || word == "all real numbers" ||
      word == "all reals" || word == "reals") {
    return real_line();
  }
  for (const NamedSet& set : kNamedSets) {
    if (set.sign == word || set.words == word) return text_value(set.words, /*is_quoted=*/false);
  }
  if (word == "negative infinity" || word == "minus infinity") {
    Value value = simple_value(ValueKind::Infinity);
    value.is_negative = true;
    return value;
  }
  if (word == "np.true_") return boolean_value(true);
  if (word == "np.false_") return boolean_value(false);
  if (word == "noon" || word == "midnight") {
    Value value = simple_value(ValueKind::Moment);
    value.moment.second_of_day = word == "noon" ? 43200 : 0;
    value.moment.has_half = true;
    return value;
  }
  if (word == "nan") return simple_value(ValueKind::NotANumber);
  if (word == "none" || word == "null") return simple_value(ValueKind::None);
  if (word == "true" || word == "yes") return boolean_value(true);
  if (word == "false" || word == "no") return boolean_value(false);
  if (word == "no solution" || word == "no solutions") {
    Value value = simple_value(ValueKind::Set);
    value.text = "no solution";
    return value;
  }
  return std::nullopt;
}

std::optional<Value> Parser::moment(std::string_view text, int64_t) {
  const std::optional<Moment> moment = parse_moment(text);
  if (!moment.has_value()) return std::nullopt;
  Value value = simple_value(ValueKind::Moment);
  value.moment = *moment;
  return value;
}

// "A", "(A)", "(a)", "A)", "(A) 5 km": the letter, and what follows it as items[0].
std::optional<Value> Parser::option(std::string_view text, int64_t depth) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJ";
  for (const std::string_view word : {"Option ", "option ", "Choice ", "choice ", "Answer "}) {
    if (!text.starts_with(word)) continue;
    text = trim(text.substr(word.size()));
    break;
  }
  if (text.empty()) return std::nullopt;
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
  if (!is_closed && (rest.starts_with(":") || rest.starts_with(". ")) && rest.size() > 1) {
    rest.remove_prefix(1);
  }
  const bool is_bare = rest.size() + at + 1 == text.size();
  if (!trim(rest).empty() && (is_bare || !is_space(rest.front()))) return std::nullopt;
  // "(A) and (C)" are two.
  for (const std::string_view word : {"and ", "or ", "& "}) {
    if (trim(rest).starts_with(word)) return std::nullopt;
  }
  Value value = simple_value(ValueKind::Option);
  value.text = letter;
  if (!trim(rest).empty()) value.items.push_back(parse(rest, depth + 1));
  return value;
}

std::optional<Value> Parser::words(std::string_view text, int64_t) {
  if (!is_words(text) && !is_short_word(text)) return std::nullopt;
  return text_value(text, /*is_quoted=*/false);
}

namespace {

// Adds the reading of `0,5` as 0.5.
void read_decimal_commas(const CleanText& clean, Readings& readings) {
  const std::optional<DecimalPoints> points = with_decimal_points(clean.text);
  if (!points.has_value()) return;
  const CleanText written{points->text, {}};
  Parser parser(written, ParseReading());
  Value value = parser.parse(written.text, 0);
  if (parser.context().is_over_limit || !may_have_decimals(value, written.text)) return;
  readings.values.push_back(std::move(value));
  readings.last_commas = points->commas;
}

}  // namespace

Readings parse_answer(const CleanText& clean) {
  Readings readings;
  if (static_cast<int64_t>(clean.text.size()) > kMaxAnswerBytes) {
    readings.is_over_limit = true;
    return readings;
  }
  ParseReading reading;
  struct Ambiguity {
    bool commas = false;
    bool tightness = false;
    bool units = false;
    bool choosing = false;
    bool rounding = false;
  };
  const auto read = [&] {
    Parser parser(clean, reading);
    readings.values.push_back(parser.parse(clean.text, 0));
    readings.is_over_limit = parser.context().is_over_limit;
    return Ambiguity{parser.context().saw_grouping, parser.reading().saw_tight,
                     parser.context().saw_possible, parser.reading().saw_choosing,
                     parser.reading().saw_rounding};
  };
  const Ambiguity saw = read();
  const std::array<std::pair<bool, bool ParseReading::*>, 5> choices = {
      {{saw.commas, &ParseReading::commas_group},
       {saw.tightness, &ParseReading::binds_tight},
       {saw.units, &ParseReading::units_possible},
       {saw.choosing, &ParseReading::letter_chooses},
       {saw.rounding, &ParseReading::takes_rounding}}};
  for (const auto& [is_open, choice] : choices) {
    if (!is_open || readings.is_over_limit) continue;
    const bool usual = reading.*choice;
    reading.*choice = !usual;
    read();
    reading.*choice = usual;
  }
  if (!readings.is_over_limit) read_decimal_commas(clean, readings);
  return readings;
}

Readings parse_answer(std::string_view raw) {
  if (static_cast<int64_t>(raw.size()) > kMaxAnswerBytes)
    return Readings{{}, CommaReading::None, true};
  return parse_answer(clean_answer(raw));
}

}  // namespace caco
