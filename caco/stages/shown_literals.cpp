#include "caco/stages/shown_literals.h"

#include <algorithm>

#include "caco/base/ascii.h"
#include "caco/stages/stated_inputs.h"

namespace caco {
namespace {

enum class LiteralKind { List, Text };

struct Literal {
  LiteralKind kind = LiteralKind::List;
  std::string items;  // of a list: its scalars, in order and in one way of writing
  size_t num_items = 0;
  std::string_view written;
  std::vector<double> numbers;  // of a list of numbers only
  bool is_called_sorted = false;
};

Literal list_literal(std::string_view written) {
  Literal list;
  list.written = written;
  for (const Leaf& leaf : leaves_of_repr(written)) {
    const std::optional<Rational> number =
        leaf.kind == Leaf::Kind::Number ? parse_rational(leaf.text) : std::nullopt;
    if (number) list.numbers.push_back(to_double(*number));
    list.items += number ? std::to_string(list.numbers.back()) : leaf.text;
    list.items += '\n';
    ++list.num_items;
  }
  if (list.numbers.size() != list.num_items) list.numbers.clear();
  return list;
}

Literal text_literal(std::string_view content) {
  Literal text;
  text.kind = LiteralKind::Text;
  text.items = content;
  text.num_items = content.size();
  text.written = content;
  return text;
}

// Whether a list that follows these words is called sorted: "Sorted: ", "the sorted list is ".
bool calls_sorted(std::string_view before) {
  const size_t line = before.find_last_of(".\n");
  std::string words = lower_case(line == std::string_view::npos ? before : before.substr(line + 1));
  for (const std::string_view ending : {" ", ":", " is", " list"}) {
    if (words.ends_with(ending)) words.resize(words.size() - ending.size());
  }
  return words.ends_with("sorted") && words.find("not ") == std::string::npos;
}

// The lists in brackets, inner ones left to their outer ones, and the texts in double quotes
// outside of them.
std::vector<Literal> find_literals(std::string_view text) {
  std::vector<Literal> found;
  size_t i = 0;
  while (i < text.size()) {
    const char open = text[i++];
    if (open == '"') {
      const size_t end = text.find_first_of("\"\n", i);
      if (end == std::string_view::npos || text[end] == '\n') continue;
      found.push_back(text_literal(text.substr(i, end - i)));
      i = end + 1;
    } else if (open == '[') {
      size_t depth = 1;
      size_t end = i;
      for (; end < text.size() && text[end] != '\n' && depth > 0; ++end) {
        if (text[end] == '[') ++depth;
        if (text[end] == ']') --depth;
      }
      if (depth > 0) continue;
      found.push_back(list_literal(text.substr(i - 1, end - i + 1)));
      found.back().is_called_sorted = calls_sorted(text.substr(0, i - 1));
      i = end;
    }
  }
  return found;
}

Literal literal_of_repr(std::string_view repr) {
  if (repr.starts_with('[') || repr.starts_with('(')) return list_literal(repr);
  const std::vector<Leaf> leaves = leaves_of_repr(repr);
  Literal text = text_literal(leaves.empty() ? std::string_view() : leaves.front().text);
  text.written = repr;
  return text;
}

bool is_among(const std::vector<Literal>& literals, const Literal& wanted) {
  return std::any_of(literals.begin(), literals.end(), [&](const Literal& literal) {
    return literal.kind == wanted.kind && literal.items == wanted.items;
  });
}

bool is_sorted_form_of(const Literal& wanted, const Literal& list) {
  if (list.numbers.size() != wanted.numbers.size()) return false;
  return std::is_permutation(wanted.numbers.begin(), wanted.numbers.end(), list.numbers.begin());
}

// Whether the numbers of `list` are sorted, and those of one of `sources` if one is as long.
bool can_be_sorted(const Literal& list, const std::vector<Literal>& sources) {
  const std::vector<double>& numbers = list.numbers;
  if (!std::is_sorted(numbers.begin(), numbers.end()) &&
      !std::is_sorted(numbers.rbegin(), numbers.rend())) {
    return false;
  }
  bool has_source = false;
  for (const Literal& source : sources) {
    if (is_sorted_form_of(list, source)) return true;
    has_source = has_source || source.numbers.size() >= numbers.size();
  }
  return !has_source;
}

// The first list of `shown` that is called sorted and cannot be.
const Literal* find_wrong_sorting(const std::vector<Literal>& shown, std::vector<Literal> sources) {
  for (const Literal& list : shown) {
    const bool is_claim = list.is_called_sorted && list.numbers.size() > 1;
    if (is_claim && !can_be_sorted(list, sources)) return &list;
    sources.push_back(list);
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> find_wrong_literal(const LiteralsQuestion& asked) {
  const std::vector<Literal> shown = find_literals(asked.solution);
  if (shown.empty()) return std::nullopt;
  std::vector<Literal> known = find_literals(asked.question);
  const std::vector<Literal> written = find_literals(asked.program);
  known.insert(known.end(), written.begin(), written.end());
  known.push_back(literal_of_repr(asked.output));
  std::vector<Literal> left_out;
  for (const std::string& repr : asked.trace) {
    const Literal value = literal_of_repr(repr);
    known.push_back(value);
    const bool is_shown = value.kind == LiteralKind::Text
                              ? asked.solution.find(value.items) != std::string_view::npos
                              : is_among(shown, value);
    if (!is_shown && value.num_items > 1 && repr != asked.output) left_out.push_back(value);
  }
  if (const Literal* const list = find_wrong_sorting(shown, known)) {
    return std::string(list->written) + " is called sorted and is not";
  }
  for (const Literal& literal : shown) {
    if (literal.num_items < 2 || is_among(known, literal)) continue;
    const auto other = std::find_if(left_out.begin(), left_out.end(), [&](const Literal& value) {
      return value.kind == literal.kind;
    });
    if (other == left_out.end()) continue;
    return std::string(literal.written) + " is not what the program has, " +
           std::string(other->written);
  }
  return std::nullopt;
}

}  // namespace caco
