// Commands, names and functions in expressions: `\frac{a}{b}`, `\sqrt[3]{2}`, `x_1`, `\sin^2 2x`,
// `\log_2 8`, "max(1, 2)".
#include <algorithm>
#include <array>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/expr_reader.h"
#include "caco/answer/limits.h"

namespace caco {

int32_t ExprReader::command() {
  const std::string_view word = letters_at(at_ + 1);
  if (word.empty()) return kNone;
  at_ += 1 + word.size();
  if (word == "frac") return fraction();
  if (word == "sqrt") return latex_root();
  if (word == "binom" || word == "dbinom" || word == "tbinom") {
    const int32_t above = argument();
    return above == kNone ? kNone : binary(Op::Binomial, above, argument());
  }
  if (word == "lvert" || word == "vert") {
    at_ -= 1 + word.size();
    return bars(word == "vert" ? "\\vert" : "\\lvert", word == "vert" ? "\\vert" : "\\rvert");
  }
  if (word == "lfloor" || word == "lceil") {
    const int32_t bars_outside = std::exchange(num_open_bars_, 0);
    const int32_t inside = sum();
    num_open_bars_ = bars_outside;
    const bool is_floor = word == "lfloor";
    if (!accept(is_floor ? "\\rfloor" : "\\rceil")) return kNone;
    return node(is_floor ? Op::Floor : Op::Ceiling, inside);
  }
  if (word == "sum" || word == "prod") return big_operator(word == "prod");
  if (word == "overline" || word == "bar") return node(Op::Conjugate, argument());
  if (word == "Re") return node(Op::Real, argument());
  if (word == "Im") return node(Op::ImaginaryPart, argument());
  if (word.starts_with("basis")) {
    // A basis vector; a bold i outside a sum of such vectors is the imaginary unit.
    const std::string_view name = word.substr(word.size() - 1);
    if (name != "i" || reading_.letters_are_basis) return symbol(std::string(name));
    return append_node(expr_, Op::Imaginary);
  }
  if (const std::optional<Op> constant = find_constant(word)) {
    return append_node(expr_, *constant);
  }
  if (const std::string_view greek_name = find_greek(word); !greek_name.empty()) {
    return symbol(std::string(greek_name));
  }
  if (const std::optional<FunctionName> function = find_function(word)) {
    return apply(*function, word);
  }
  return kNone;
}

int32_t ExprReader::fraction() {
  const int32_t above = argument();
  if (above == kNone) return kNone;
  const int32_t result = binary(Op::Divide, above, argument());
  ended_with_number_ = false;
  return result;
}

// The next argument of a command: a group, one digit, one letter or one command.
int32_t ExprReader::argument() {
  skip_spaces();
  if (peek() == '{') return group("{", "}");
  if (is_digit(peek())) {
    if (!has_room()) return kNone;
    return append_integer(expr_, text_[at_++] - '0');
  }
  if (is_ascii_letter(peek())) return symbol_or_constant(text_[at_++]);
  if (peek() == '\\' || peek() == '(') return primary();
  return kNone;
}

int32_t ExprReader::latex_root() {
  int32_t index = kNone;
  if (accept("[")) {
    index = sum();
    if (index == kNone || !accept("]")) return kNone;
  }
  skip_spaces();
  // `\sqrt 10` and `\sqrt10` mean the whole number to everyone who writes them.
  const int32_t radicand = is_digit(peek()) ? plain_number() : argument();
  if (radicand == kNone) return kNone;
  if (index == kNone) index = append_integer(expr_, 2);
  ended_with_number_ = false;
  return binary(Op::Root, radicand, index);
}

int32_t ExprReader::plain_number() {
  std::string digits;
  read_digits(digits);
  if (static_cast<int64_t>(digits.size()) > kMaxExprDigits || !has_room()) return kNone;
  Number number;
  number.value = mpz_class(digits, 10);
  return append_number(expr_, std::move(number));
}

int32_t ExprReader::name() {
  const bool at_start = at_ == 0 || !is_ascii_letter(text_[at_ - 1]);
  const std::string_view run = letters_at(at_);
  if (at_start && (run == "Sum" || run == "Product") && peek(run.size()) == '(') {
    at_ += run.size();
    return program_sum(run == "Product");
  }
  if (at_start && !is_plausible_product(run)) return kNone;
  const std::string_view known = known_prefix(run);
  // Words of \text are words.
  if (at_start && run.size() > 1 && known.size() != run.size() && is_after_text_edge()) {
    return kNone;
  }
  if (known.empty()) return symbol_or_constant(text_[at_++]);
  at_ += known.size();
  if (const std::optional<Op> constant = find_constant(known)) {
    return append_node(expr_, *constant);
  }
  const std::optional<FunctionName> function = find_function(known);
  const bool is_greek = !find_greek(known).empty() && (!function.has_value() || peek() != '(');
  if (is_greek) return symbol(std::string(find_greek(known)));
  return apply(*function, known);
}

bool ExprReader::is_after_text_edge() const {
  for (size_t i = at_; i > 0 && is_space(text_[i - 1]); --i) {
    if (text_[i - 1] == kTextEdge) return true;
  }
  return false;
}

int32_t ExprReader::symbol_or_constant(char letter) {
  const bool has_index = peek() == '_';
  if (!has_index && letter == 'e') return append_node(expr_, Op::Euler);
  if (!has_index && (letter == 'i' || letter == 'I') && !reading_.letters_are_basis) {
    return append_node(expr_, Op::Imaginary);
  }
  if (letter == 'C') {
    if (const int32_t number = choose(); number != kNone) return number;
  }
  if ((letter == 'f' || letter == 'g' || letter == 'h') && peek() == '(') {
    const int32_t operand = group("(", ")");
    if (operand == kNone || !has_room()) return kNone;
    return append_name(expr_, Op::Call, std::string(1, letter), operand);
  }
  return symbol(std::string(1, letter));
}

// `C(5, 2)`, and in one reading `C_5^2`: how many ways there are to choose two of five. Goes back
// to where it was, and returns kNone, when something else stands here.
int32_t ExprReader::choose() {
  const size_t start = at_;
  const bool is_call = peek() == '(' && rest().find(',') < rest().find(')');
  const bool has_indices =
      peek() == '_' && rest().substr(0, 12).find('^') != std::string_view::npos;
  if ((!is_call && !has_indices) || ++num_choosing_ > kMaxChoosing) return kNone;
  const std::array before = {expr_.nodes.size(), expr_.numbers.size(), expr_.names.size()};
  int32_t result = kNone;
  int32_t above = kNone;
  if (is_call) {
    accept("(");
    above = sum();
    if (above != kNone && accept(",")) result = binary(Op::Binomial, above, sum());
    if (result != kNone && accept(")")) return result;
  } else if (has_indices) {
    ++at_;
    above = argument();
    if (above != kNone && accept("^")) result = binary(Op::Binomial, above, argument());
    if (result != kNone && !may_choose(result)) result = kNone;
    if (result != kNone) reading_.saw_choosing = true;
    if (result != kNone && reading_.letter_chooses) return result;
  }
  at_ = start;
  expr_.nodes.resize(before[0]);
  expr_.numbers.resize(before[1]);
  expr_.names.resize(before[2]);
  return kNone;
}

// In `C_5^2` there are five things to choose from; `C_1^2` is a power.
bool ExprReader::may_choose(int32_t index) const {
  const ExprNode& node = expr_.nodes[static_cast<size_t>(index)];
  const ExprNode& above = expr_.nodes[static_cast<size_t>(node.left)];
  const ExprNode& below = expr_.nodes[static_cast<size_t>(node.right)];
  if (above.op != Op::Number || below.op != Op::Number) return true;
  return expr_.numbers[static_cast<size_t>(above.datum)].value >=
         expr_.numbers[static_cast<size_t>(below.datum)].value;
}

// `{}_5C_2`, `^5C_2`: nothing else begins with an index.
int32_t ExprReader::choose_with_indices() {
  accept("{}");
  if (!accept("_") && !accept("^")) return kNone;
  const int32_t above = argument();
  if (above == kNone || !accept("C") || !accept("_")) return kNone;
  return binary(Op::Binomial, above, argument());
}

// A variable with its index: `x_1`, `x_{12}`, `x1`, `a_n`; primes belong to the name. In `a_{n+1}`
// the index is an expression: a sequence is a function of it.
int32_t ExprReader::symbol(std::string name) {
  if (!has_room()) return kNone;
  if (peek() == '_') {
    ++at_;
    const bool has_brace = accept("{");
    const size_t start = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || is_ascii_letter(text_[at_])) &&
           (has_brace || at_ == start || (is_digit(text_[start]) && is_digit(text_[at_])))) {
      ++at_;
    }
    if (has_brace && at_ != start &&
        std::string_view("+- ").find(peek()) != std::string_view::npos) {
      at_ = start;
      const int32_t index = sum();
      if (index == kNone || !accept("}") || !has_room()) return kNone;
      return append_name(expr_, Op::Call, name + "_", index);
    }
    if (at_ == start) return kNone;
    name += "_" + std::string(text_.substr(start, at_ - start));
    if (has_brace && !accept("}")) return kNone;
  } else if (is_digit(peek())) {
    std::string digits;
    read_digits(digits);
    name += "_" + digits;
  }
  while (peek() == '\'')
    name += text_[at_++];
  return append_name(expr_, Op::Symbol, name);
}

// A function with what may stand between its name and its argument: a power, a base.
int32_t ExprReader::apply(FunctionName function, std::string_view word) {
  int32_t base = kNone;
  int32_t exponent_index = kNone;
  bool is_inverse = is_inverse_hyperbolic(word);
  for (int i = 0; i < 2; ++i) {
    skip_spaces();
    if (peek() == '_' && (function.op == Op::Log || function.op == Op::Ln)) {
      ++at_;
      base = is_digit(peek()) ? plain_number() : argument();
      if (base == kNone) return kNone;
    } else if (peek() == '^' || (rest().starts_with("**") && is_digit(peek(2)))) {
      at_ += peek() == '^' ? 1U : 2U;
      exponent_index = exponent();
      if (exponent_index == kNone) return kNone;
    }
  }
  if (exponent_index != kNone && is_minus_one(exponent_index)) {
    const bool is_hyperbolic =
        function.op == Op::Sinh || function.op == Op::Cosh || function.op == Op::Tanh;
    if (is_hyperbolic) {
      if (is_inverse || is_reciprocal_hyperbolic(word)) return kNone;
      is_inverse = true;
    } else {
      function.op = inverse_of(function.op);
      if (function.op == Op::Call) return kNone;
    }
    exponent_index = kNone;
  }
  skip_spaces();
  int32_t result = function.num_arguments == 1 ? one_argument(function.op, word, base, is_inverse)
                                               : several_arguments(function);
  if (exponent_index != kNone) result = node(Op::Power, result, exponent_index);
  ended_with_number_ = false;
  return result;
}

bool ExprReader::is_minus_one(int32_t index) const {
  const ExprNode& negate = expr_.nodes[static_cast<size_t>(index)];
  if (negate.op != Op::Negate) return false;
  const ExprNode& one = expr_.nodes[static_cast<size_t>(negate.left)];
  return one.op == Op::Number && expr_.numbers[static_cast<size_t>(one.datum)].value == 1;
}

int32_t ExprReader::one_argument(Op op, std::string_view word, int32_t base, bool is_inverse) {
  const char c = peek();
  int32_t operand = kNone;
  if (c == '(' && op == Op::Log && base == kNone) {
    return logarithm();
  } else if (c == '(' || c == '{' || c == '[') {
    operand = c == '(' ? group("(", ")") : c == '{' ? group("{", "}") : group("[", "]");
  } else {
    operand = bare_argument();
  }
  if (op == Op::Root) {
    const int32_t index = append_integer(expr_, word == "cbrt" ? 3 : 2);
    return operand == kNone ? kNone : binary(Op::Root, operand, index);
  }
  if (base != kNone) return binary(Op::LogBase, operand, base);
  if (is_inverse) return inverse_hyperbolic(op, operand);
  const int32_t result = node(op, operand);
  if (!is_reciprocal_hyperbolic(word) || !has_room()) return result;
  return result == kNone ? kNone : binary(Op::Divide, append_integer(expr_, 1), result);
}

// The inverse of sinh, cosh or tanh by logarithms (DLMF 4.37).
int32_t ExprReader::inverse_hyperbolic(Op op, int32_t x) {
  if (x == kNone || static_cast<int64_t>(expr_.nodes.size()) + 8 > kMaxExprNodes) return kNone;
  const int32_t one = append_integer(expr_, 1);
  if (op == Op::Tanh) {
    const int32_t quotient = append_node(expr_, Op::Divide, append_node(expr_, Op::Add, one, x),
                                         append_node(expr_, Op::Subtract, one, x));
    const int32_t logarithm = append_node(expr_, Op::Ln, quotient);
    return append_node(expr_, Op::Divide, logarithm, append_integer(expr_, 2));
  }
  const int32_t two = append_integer(expr_, 2);
  const int32_t square = append_node(expr_, Op::Power, x, two);
  const int32_t inside = append_node(expr_, op == Op::Sinh ? Op::Add : Op::Subtract, square, one);
  const int32_t root = append_node(expr_, Op::Root, inside, two);
  return append_node(expr_, Op::Ln, append_node(expr_, Op::Add, x, root));
}

// log(8, 2) and log(x, 10) of programs name the base behind.
int32_t ExprReader::logarithm() {
  if (!accept("(")) return kNone;
  const int32_t bars_outside = std::exchange(num_open_bars_, 0);
  int32_t result = sum();
  if (result != kNone) {
    result = accept(",") ? binary(Op::LogBase, result, sum()) : node(Op::Log, result);
  }
  num_open_bars_ = bars_outside;
  return accept(")") ? result : kNone;
}

// The argument without brackets: a product up to the next function, bracket or sign.
int32_t ExprReader::bare_argument() {
  int32_t operand = power();
  while (operand != kNone) {
    skip_spaces();
    if (!starts_operand() || peek() == '(' || peek() == '[' || peek() == '|' || is_function_next())
      break;
    operand = binary(Op::Multiply, operand, power());
  }
  if (operand != kNone && peek() == '/' && is_digit(peek(1))) {
    reading_.saw_tight = true;
    if (reading_.binds_tight) {
      ++at_;
      operand = binary(Op::Divide, operand, power());
    }
  }
  return operand;
}

bool ExprReader::is_function_next() const {
  const bool is_command = peek() == '\\';
  const std::string_view run = letters_at(at_ + (is_command ? 1 : 0));
  const std::string_view word = is_command ? run : known_prefix(run);
  return word != "sqrt" && find_function(word).has_value() && find_greek(word).empty();
}

int32_t ExprReader::several_arguments(const FunctionName& function) {
  const bool has_bracket = accept("(");
  if (!has_bracket && !accept("{")) return kNone;
  // `\max\{1, 2\}`, but `\binom{5}{2}`.
  const bool has_commas = has_bracket || function.num_arguments == 0;
  const std::string_view end = has_bracket ? ")" : "}";
  // In "max(9,876,543)" commas part the arguments, in "max(9,876, 543)" those without a blank
  // group.
  const bool commas_part = rest().substr(0, rest().find(end)).find(", ") == std::string_view::npos;
  const bool commas_part_outside = std::exchange(commas_part_, has_commas && commas_part);
  int32_t result = sum();
  int num_arguments = 1;
  while (result != kNone && (has_commas ? accept(",") : accept("}"))) {
    if (!has_commas && !accept("{")) return kNone;
    result = binary(function.op, result, sum());
    ++num_arguments;
    if (!has_commas) break;
  }
  commas_part_ = commas_part_outside;
  const bool has_right_count =
      function.num_arguments == 0 || num_arguments == function.num_arguments;
  if (result == kNone || !has_right_count || !accept(end)) return kNone;
  return result;
}

}  // namespace caco
