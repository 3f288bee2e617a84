// Brackets, lists and matrices. Containers are cut at their commas, and every piece is parsed as a
// text of its own.
#include <algorithm>
#include <iterator>

#include "caco/answer/limits.h"
#include "caco/answer/parser.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

// Returns whether ",piece" after `before` may be the next three digits of a number.
bool continues_number(std::string_view before, std::string_view piece) {
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

// Whether every comma stands within a number: "10,000x".
bool commas_may_group(std::string_view text) {
  for (size_t at = text.find(','); at != std::string_view::npos; at = text.find(',', at + 1)) {
    if (!continues_number(text.substr(0, at), text.substr(at + 1))) return false;
  }
  return text.find('(') == std::string_view::npos;
}

// "x = 1, x = 2" and "x = 1, 2" are one name with two values.
Value gather_names(Value list) {
  const Value& first = list.items.front();
  if (first.kind != ValueKind::Assignment || first.items[0].kind == ValueKind::BareList)
    return list;
  const std::string name = first.text;
  const auto has_name = [&](const Value& item) {
    return item.kind == ValueKind::Assignment && item.text == name &&
           item.items[0].kind != ValueKind::BareList;
  };
  const auto is_value = [](const Value& item) {
    return item.kind == ValueKind::Number || item.kind == ValueKind::Expression;
  };
  const bool all_named = std::all_of(list.items.begin(), list.items.end(), has_name);
  const bool only_first = std::all_of(list.items.begin() + 1, list.items.end(), is_value);
  if (!all_named && !only_first) return list;
  Value values = simple_value(ValueKind::BareList);
  for (Value& item : list.items) {
    const bool is_named = item.kind == ValueKind::Assignment;
    values.items.push_back(is_named ? std::move(item.items[0]) : std::move(item));
  }
  Value assignment = simple_value(ValueKind::Assignment);
  assignment.text = name;
  assignment.items.push_back(std::move(values));
  return assignment;
}

// "p = 5, q = 2, p = 7, q = 2" are two pairs: `(p,q)` with two values. The list as it is when the
// names do not come round.
Value gather_rounds(Value list) {
  const auto is_named_amount = [](const Value& item) {
    return item.kind == ValueKind::Assignment &&
           (item.items[0].kind == ValueKind::Number || item.items[0].kind == ValueKind::Expression);
  };
  if (!std::all_of(list.items.begin(), list.items.end(), is_named_amount)) return list;
  size_t num_names = 1;
  while (num_names < list.items.size() && list.items[num_names].text != list.items[0].text)
    ++num_names;
  const size_t num_rounds = list.items.size() / num_names;
  if (num_names < 2 || num_rounds < 2 || num_rounds * num_names != list.items.size()) return list;
  std::vector<std::string> names;
  for (size_t i = 0; i < num_names; ++i)
    names.push_back(list.items[i].text);
  std::sort(names.begin(), names.end());
  Value rounds = simple_value(ValueKind::BareList);
  for (size_t round = 0; round < num_rounds; ++round) {
    Value tuple = simple_value(ValueKind::Tuple);
    for (const std::string& name : names) {
      const auto begin = list.items.begin() + static_cast<int64_t>(round * num_names);
      const auto found = std::find_if(begin, begin + static_cast<int64_t>(num_names),
                                      [&](const Value& item) { return item.text == name; });
      if (found == begin + static_cast<int64_t>(num_names)) return list;
      tuple.items.push_back(found->items[0]);
    }
    rounds.items.push_back(std::move(tuple));
  }
  Value assignment = simple_value(ValueKind::Assignment);
  for (const std::string& name : names)
    assignment.text += (assignment.text.empty() ? "(" : ",") + name;
  assignment.text += ")";
  assignment.items.push_back(std::move(rounds));
  return assignment;
}

// `k \in \mathbb{Z}` behind a general solution, which everyone takes for granted.
bool is_any_integer(std::string_view piece, std::string_view solution) {
  piece = trim(piece);
  if (piece.size() < 2 || !is_ascii_letter(piece[0])) return false;
  const std::string_view name = piece.substr(0, 1);
  piece = trim(piece.substr(1));
  if (!piece.starts_with("\\in")) return false;
  piece = trim(piece.substr(3));
  return (piece == "\\mathbb{Z}" || piece == "\\mathbb Z" || piece == "Z") &&
         solution.find(name) != std::string_view::npos;
}

// Sets blanks around "or" and "and" that stand between brackets or numbers without one:
// "(1,2)or(2,1)". Empty when none does so.
std::string with_words_apart(std::string_view text) {
  constexpr size_t kMaxJoinedBytes = 400;
  if (text.size() > kMaxJoinedBytes) return "";
  std::string apart;
  size_t done = 0;
  for (size_t at = 1; at + 2 < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const size_t size = rest.starts_with("or") ? 2 : rest.starts_with("and") ? 3 : 0;
    if (size == 0 || rest.size() <= size) continue;
    const bool is_before_name =
        rest.size() > size + 1 && is_ascii_letter(rest[size]) && rest[size + 1] == '=';
    const bool is_between =
        (text[at - 1] == ')' || is_digit(text[at - 1])) && (rest[size] == '(' || is_before_name);
    if (!is_between) continue;
    apart += text.substr(done, at - done);
    apart += " " + std::string(rest.substr(0, size)) + " ";
    done = at + size;
  }
  if (done == 0) return "";
  apart += text.substr(done);
  return apart;
}

}  // namespace

std::optional<Value> Parser::bracket(std::string_view text, int64_t depth) {
  // `]0, 1[` leaves out its ends.
  const bool is_outward = text.size() > 3 && (text.front() == ']' || text.back() == '[') &&
                          (text.back() == '[' || text.back() == ']') &&
                          (text.front() == ']' || text.front() == '[');
  if (is_outward) {
    const Pieces ends = split(text.substr(1, text.size() - 2), ",");
    if (ends.size() != 2) return std::nullopt;
    return interval_value(text.front() == '[' ? '[' : '(', parse(ends[0], depth + 1),
                          parse(ends[1], depth + 1), text.back() == ']' ? ']' : ')');
  }
  if (!is_opener(text.front()) || find_closer(text) != text.size() - 1) return std::nullopt;
  const char open = text.front();
  const char close = text.back();
  const std::string_view inside = trim(text.substr(1, text.size() - 2));
  const bool is_stacked = inside.find("\\over") != std::string_view::npos ||
                          inside.find("\\choose") != std::string_view::npos;
  if (open == '{' && is_stacked) return std::nullopt;
  if (open == '{' && close == '}') return set_or_dict(inside, depth);
  if ((open != '(' && open != '[') || (close != ')' && close != ']')) return std::nullopt;

  Value value;
  const bool has_comma = read_items(inside, depth, value.items);
  if (open == '(' && close == ')') {
    // "(5)" is 5; "(5,)" and "()" are tuples.
    if (!has_comma && value.items.size() == 1) return std::move(value.items[0]);
    value.kind = ValueKind::Tuple;
  } else if (!has_comma && value.items.size() == 1 && value.items[0].kind == ValueKind::Matrix) {
    return std::move(value.items[0]);
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

std::optional<Value> Parser::set_or_dict(std::string_view inside, int64_t depth) {
  Value value = simple_value(ValueKind::Set);
  if (inside.empty()) return value;
  if (std::optional<Value> built = set_builder(inside, depth)) return built;
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
Pieces Parser::split_items(std::string_view inside) {
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

// Reads the items between brackets; returns whether there was a comma.
bool Parser::read_items(std::string_view inside, int64_t depth, std::vector<Value>& items) {
  if (inside.empty()) return false;
  Pieces pieces = split_items(inside);
  const bool has_comma = pieces.size() > 1;
  if (has_comma && trim(pieces.back()).empty()) pieces.pop_back();
  for (const std::string_view piece : pieces) {
    Value item = parse(piece, depth + 1);
    if (item.kind == ValueKind::BareList && num_signs_ > 0) {
      // `\{\pm 2\}` has two members.
      std::move(item.items.begin(), item.items.end(), std::back_inserter(items));
    } else {
      items.push_back(std::move(item));
    }
    if (context_.is_over_limit) break;
  }
  return has_comma;
}

// "1, 2, and 3" without brackets.
std::optional<Value> Parser::list(std::string_view text, int64_t depth) {
  Pieces pieces = split_items(text);
  if (pieces.size() < 2) return std::nullopt;
  // "p=5,q=2;p=7,q=2"
  if (text.find(';') != std::string_view::npos && text.find('=') != std::string_view::npos) {
    Pieces finer;
    for (const std::string_view piece : pieces) {
      const Pieces parts = split(piece, ";");
      finer.insert(finer.end(), parts.begin(), parts.end());
    }
    const auto is_equation = [](std::string_view piece) {
      return piece.find('=') != std::string_view::npos;
    };
    if (std::all_of(finer.begin(), finer.end(), is_equation)) pieces = std::move(finer);
  }
  if (context_.commas_group && commas_may_group(text)) {
    if (MaybeValue value = expression(text, depth)) {
      context_.saw_grouping = true;
      return value;
    }
  }
  if (trim(pieces.back()).empty()) pieces.pop_back();
  if (pieces.size() == 2 && is_any_integer(pieces[1], pieces[0]))
    return parse(pieces[0], depth + 1);
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
  return gather_rounds(gather_names(std::move(value)));
}

// "1 and 2", "-3 or 3"
std::optional<Value> Parser::joined_list(std::string_view text, int64_t depth) {
  if (const std::string apart = with_words_apart(text); !apart.empty()) {
    return joined_list(apart, depth);
  }
  for (const std::string_view word :
       {" and ", " or ", "\aand\a", "\aor\a", "\a and \a", "\a or \a", "\a or ", "\a and "}) {
    const Pieces pieces = split(text, word);
    if (pieces.size() < 2 || pieces.size() > 10) continue;
    Value value = simple_value(ValueKind::BareList);
    for (const std::string_view piece : pieces) {
      Value item = parse(piece, depth + 1);
      const bool is_plain = item.kind == ValueKind::Number || item.kind == ValueKind::Assignment ||
                            item.kind == ValueKind::Infinity || item.kind == ValueKind::Option ||
                            item.kind == ValueKind::Expression || item.kind == ValueKind::Tuple ||
                            item.kind == ValueKind::BareList;
      if (!is_plain) return std::nullopt;
      if (item.kind == ValueKind::BareList) {
        std::move(item.items.begin(), item.items.end(), std::back_inserter(value.items));
      } else {
        value.items.push_back(std::move(item));
      }
    }
    return gather_rounds(gather_names(std::move(value)));
  }
  return std::nullopt;
}

// `{x : x > 3}` and `{x \mid x > 3}` are what their condition says.
std::optional<Value> Parser::set_builder(std::string_view inside, int64_t depth) {
  for (const std::string_view bar : {"\\mid", "|", ":"}) {
    const Pieces sides = split(inside, bar);
    if (sides.size() != 2) continue;
    const std::string_view name = trim(sides[0]);
    const bool is_name = !name.empty() && is_ascii_letter(name[0]) &&
                         (name.size() == 1 || name.find("\\in") != std::string_view::npos);
    if (!is_name) return std::nullopt;
    Value value = parse(sides[1], depth + 1);
    if (value.kind != ValueKind::Relation && value.kind != ValueKind::Union) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace caco
