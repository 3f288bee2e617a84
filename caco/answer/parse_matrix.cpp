// Matrices, their determinants and transposes, and vectors written as sums of i, j and k.
#include <algorithm>
#include <utility>

#include "caco/answer/limits.h"
#include "caco/answer/parser.h"
#include "caco/answer/read_expr.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr size_t kMaxDeterminantRows = 4;
constexpr size_t kMaxFactorRows = 4;
constexpr size_t kMaxMatrices = 8;  // of one sum
constexpr size_t kMaxBasisNodes = 60;

// Takes `^T`, `^{\top}` and their like off the end; returns whether one was there.
bool take_transpose(std::string_view& text) {
  for (const std::string_view mark :
       {"^T", "^{T}", "^\\top", "^{\\top}", "^\aT\a", "^{\aT\a}", "^t", "^{t}"}) {
    if (!text.ends_with(mark)) continue;
    const std::string_view rest = trim(text.substr(0, text.size() - mark.size()));
    const bool is_plain_t = mark == "^t" || mark == "^{t}";
    if (rest.empty() || (is_plain_t && rest.back() != kMatrixEnd)) return false;
    if (rest.back() != kMatrixEnd && rest.back() != ')' && rest.back() != ']') return false;
    text = rest;
    return true;
  }
  return false;
}

Value transposed(const Value& matrix) {
  Value value = simple_value(ValueKind::Matrix);
  const size_t num_columns = matrix.items[0].items.size();
  for (size_t column = 0; column < num_columns; ++column) {
    Value row = simple_value(ValueKind::List);
    for (const Value& source : matrix.items) {
      if (source.items.size() != num_columns) return matrix;
      row.items.push_back(source.items[column]);
    }
    value.items.push_back(std::move(row));
  }
  return value;
}

// A row vector or the rows of a matrix as a Matrix; nothing for other values.
std::optional<Value> matrix_of(Value list) {
  if (list.kind == ValueKind::Matrix) return list;
  if (list.kind != ValueKind::List && list.kind != ValueKind::Tuple) return std::nullopt;
  if (list.items.empty()) return std::nullopt;
  const auto is_row = [](const Value& item) {
    return item.kind == ValueKind::List || item.kind == ValueKind::Tuple;
  };
  Value matrix = simple_value(ValueKind::Matrix);
  if (std::all_of(list.items.begin(), list.items.end(), is_row)) {
    matrix.items = std::move(list.items);
    for (Value& row : matrix.items)
      row.kind = ValueKind::List;
  } else if (std::none_of(list.items.begin(), list.items.end(), is_row)) {
    list.kind = ValueKind::List;
    matrix.items.push_back(std::move(list));
  } else {
    return std::nullopt;
  }
  return matrix;
}

// By the first row and the minors below it; nothing when it is not square, too large, or has cells
// that are no expressions.
std::optional<Expr> determinant(const std::vector<std::vector<Expr>>& cells) {
  const size_t size = cells.size();
  if (size == 1) return cells[0][0];
  std::optional<Expr> sum;
  for (size_t column = 0; column < size; ++column) {
    std::vector<std::vector<Expr>> minor;
    for (size_t row = 1; row < size; ++row) {
      minor.push_back(cells[row]);
      minor.back().erase(minor.back().begin() + static_cast<std::ptrdiff_t>(column));
    }
    const std::optional<Expr> below = determinant(minor);
    if (!below.has_value()) return std::nullopt;
    const Expr term = join(Op::Multiply, cells[0][column], *below);
    sum = sum.has_value() ? join(column % 2 == 0 ? Op::Add : Op::Subtract, *sum, term) : term;
    if (static_cast<int64_t>(sum->nodes.size()) > kMaxExprNodes) return std::nullopt;
  }
  return sum;
}

std::optional<Value> determinant_value(const Value& matrix) {
  const size_t size = matrix.items.size();
  if (size == 0 || size > kMaxDeterminantRows) return std::nullopt;
  std::vector<std::vector<Expr>> cells;
  for (const Value& row : matrix.items) {
    if (row.items.size() != size) return std::nullopt;
    cells.emplace_back();
    for (const Value& cell : row.items) {
      std::optional<Expr> expr = expr_of(cell);
      if (!expr.has_value()) return std::nullopt;
      cells.back().push_back(std::move(*expr));
    }
  }
  std::optional<Expr> value = determinant(cells);
  if (!value.has_value()) return std::nullopt;
  return expression_value(std::move(*value));
}

// A cell that is a number or an expression without variables: sums with variables are points of a
// line or a plane, which can be written in other ways.
std::optional<Expr> constant_cell(const Value& row, size_t column) {
  if (column >= row.items.size()) return std::nullopt;
  std::optional<Expr> expr = expr_of(row.items[column]);
  return expr.has_value() && symbols_of(*expr).empty() ? expr : std::nullopt;
}

// Returns the sum or the difference of two matrices of constants of the same size.
std::optional<Value> sum_of_matrices(Op op, const Value& left, const Value& right) {
  if (left.items.size() != right.items.size()) return std::nullopt;
  Value sum = left;
  for (size_t row = 0; row < sum.items.size(); ++row) {
    std::vector<Value>& cells = sum.items[row].items;
    if (cells.size() != right.items[row].items.size()) return std::nullopt;
    for (size_t column = 0; column < cells.size(); ++column) {
      const std::optional<Expr> a = constant_cell(left.items[row], column);
      const std::optional<Expr> b = constant_cell(right.items[row], column);
      if (!a.has_value() || !b.has_value()) return std::nullopt;
      cells[column] = expression_value(join(op, *a, *b));
    }
  }
  return sum;
}

// Returns the product of two matrices of constants whose sizes fit.
std::optional<Value> product_of_matrices(const Value& left, const Value& right) {
  if (left.items.empty() || right.items.empty()) return std::nullopt;
  const size_t num_inner = right.items.size();
  const size_t num_columns = right.items[0].items.size();
  if (left.items.size() > kMaxFactorRows || num_inner > kMaxFactorRows ||
      num_columns > kMaxFactorRows) {
    return std::nullopt;
  }
  Value product = simple_value(ValueKind::Matrix);
  for (const Value& row : left.items) {
    if (row.items.size() != num_inner) return std::nullopt;
    Value cells = simple_value(ValueKind::List);
    for (size_t column = 0; column < num_columns; ++column) {
      Expr sum;
      for (size_t i = 0; i < num_inner; ++i) {
        const std::optional<Expr> a = constant_cell(row, i);
        const std::optional<Expr> b = constant_cell(right.items[i], column);
        if (!a.has_value() || !b.has_value()) return std::nullopt;
        const Expr term = join(Op::Multiply, *a, *b);
        sum = sum.empty() ? term : join(Op::Add, sum, term);
        if (static_cast<int64_t>(sum.nodes.size()) > kMaxExprNodes) return std::nullopt;
      }
      cells.items.push_back(expression_value(std::move(sum)));
    }
    product.items.push_back(std::move(cells));
  }
  return product;
}

// Whether i and j stand alone in the text, as in "3i - 4j".
bool has_letters_i_and_j(std::string_view text) {
  if (text.find('j') == std::string_view::npos) return false;
  bool has_i = false;
  bool has_j = false;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && is_letter(text[end]))
      ++end;
    const bool is_alone =
        end == at + 1 && (end == text.size() || (text[end] != '_' && text[end] != '\''));
    has_i = has_i || (is_alone && text[at] == 'i');
    has_j = has_j || (is_alone && text[at] == 'j');
    at = std::max(end, at + 1);
  }
  return has_i && has_j;
}

// A part of an expression: a scalar, or its components along i, j and k.
struct VectorPart {
  bool is_vector = false;
  Expr scalar;
  std::array<std::optional<Expr>, 3> components;
};

std::optional<VectorPart> leaf_part(const Expr& expr, const ExprNode& node) {
  VectorPart part;
  if (node.op == Op::Symbol) {
    const std::string& name = expr.names[static_cast<size_t>(node.datum)];
    const size_t axis = std::string_view("ijk").find(name);
    if (axis != std::string_view::npos) {
      part.is_vector = true;
      append_integer(part.scalar, 1);
      part.components[axis] = part.scalar;
      return part;
    }
    append_name(part.scalar, Op::Symbol, name);
  } else if (node.op == Op::Number) {
    append_number(part.scalar, expr.numbers[static_cast<size_t>(node.datum)]);
  } else {
    append_node(part.scalar, node.op);
  }
  return part;
}

std::optional<VectorPart> joined_part(Op op, const VectorPart& left, const VectorPart& right) {
  VectorPart part;
  if (!left.is_vector && !right.is_vector) {
    part.scalar = join(op, left.scalar, right.scalar);
    return part;
  }
  part.is_vector = true;
  const bool is_sum = op == Op::Add || op == Op::Subtract;
  const bool is_scaled = (op == Op::Multiply && left.is_vector != right.is_vector) ||
                         (op == Op::Divide && !right.is_vector);
  if (!is_scaled && !(is_sum && left.is_vector && right.is_vector)) return std::nullopt;
  for (size_t axis = 0; axis < part.components.size(); ++axis) {
    const std::optional<Expr>& a = left.components[axis];
    const std::optional<Expr>& b = right.components[axis];
    if (is_sum) {
      Expr zero;
      append_integer(zero, 0);
      if (a.has_value() || b.has_value()) {
        part.components[axis] = join(op, a.value_or(zero), b.value_or(zero));
      }
    } else if (left.is_vector ? a.has_value() : b.has_value()) {
      part.components[axis] =
          left.is_vector ? join(op, *a, right.scalar) : join(op, left.scalar, *b);
    }
  }
  return part;
}

// Nothing unless the expression is a sum of multiples of i, j and k.
std::optional<VectorPart> decompose(const Expr& expr) {
  if (expr.nodes.size() > kMaxBasisNodes) return std::nullopt;
  std::vector<VectorPart> parts;
  for (const ExprNode& node : expr.nodes) {
    std::optional<VectorPart> part;
    if (node.left < 0) {
      part = leaf_part(expr, node);
    } else if (node.right >= 0) {
      part = joined_part(node.op, parts[static_cast<size_t>(node.left)],
                         parts[static_cast<size_t>(node.right)]);
    } else if (node.op == Op::Negate) {
      VectorPart minus;
      append_integer(minus.scalar, -1);
      part = joined_part(Op::Multiply, minus, parts[static_cast<size_t>(node.left)]);
    } else if (!parts[static_cast<size_t>(node.left)].is_vector && node.op != Op::Call) {
      part = parts[static_cast<size_t>(node.left)];
      append_node(part->scalar, node.op, static_cast<int32_t>(part->scalar.nodes.size()) - 1);
    }
    if (!part.has_value()) return std::nullopt;
    parts.push_back(std::move(*part));
  }
  return std::move(parts.back());
}

}  // namespace

// A matrix, with a factor before it; `|...|` and \det around it; `^T` behind it or behind a list.
std::optional<Value> Parser::matrix(std::string_view text, int64_t depth) {
  const bool is_transposed = text.find('^') != std::string_view::npos && take_transpose(text);
  const bool has_cells = text.find(kMatrixStart) != std::string_view::npos;
  if (!has_cells) {
    if (!is_transposed || (text.front() != '(' && text.front() != '[') ||
        find_closer(text) != text.size() - 1 || text.find(',') == std::string_view::npos) {
      return std::nullopt;
    }
    const std::optional<Value> list = matrix_of(parse(text, depth + 1));
    return list.has_value() ? MaybeValue(transposed(*list)) : std::nullopt;
  }
  bool is_determinant = false;
  if (text.front() == '|' && text.back() == '|') {
    text = trim(text.substr(1, text.size() - 2));
    is_determinant = true;
  } else if (text.starts_with("\\det") || text.starts_with("det")) {
    text = trim(text.substr(text.front() == '\\' ? 4 : 3));
    is_determinant = true;
  }
  if (text.empty()) return std::nullopt;
  if ((text.front() == '(' || text.front() == '[') && find_closer(text) == text.size() - 1) {
    text = trim(text.substr(1, text.size() - 2));
  }
  MaybeValue value = matrix_cells(text, depth);
  if (!value.has_value()) value = matrix_sum(text, depth);
  if (!value.has_value() || value->items.empty()) return std::nullopt;
  if (is_determinant) return determinant_value(*value);
  return is_transposed ? transposed(*value) : std::move(value);
}

std::optional<Value> Parser::matrix_cells(std::string_view text, int64_t depth) {
  const size_t start = text.find(kMatrixStart);
  if (start == std::string_view::npos ||
      find_closer(text.substr(start)) != text.size() - start - 1) {
    return std::nullopt;
  }
  // A factor may stand before it.
  Value factor = simple_value(ValueKind::None);
  if (start > 0) {
    std::string_view before = trim(text.substr(0, start));
    if (before.ends_with("*")) before.remove_suffix(1);
    factor = before == "-" ? parse("-1", depth + 1) : parse(before, depth + 1);
    if (!expr_of(factor).has_value()) return std::nullopt;
    text.remove_prefix(start);
  }
  Value value = simple_value(ValueKind::Matrix);
  Pieces rows = split(text.substr(1, text.size() - 2), std::string_view(&kRowBreak, 1));
  if (rows.size() > 1 && trim(rows.back()).empty()) rows.pop_back();
  for (const std::string_view row : rows) {
    Value cells = simple_value(ValueKind::List);
    for (const std::string_view cell : split(row, "&")) {
      Value entry = parse(cell, depth + 1);
      if (factor.kind != ValueKind::None) {
        if (!expr_of(entry).has_value()) return std::nullopt;
        entry = expression_value(join(Op::Multiply, *expr_of(factor), *expr_of(entry)));
      }
      cells.items.push_back(std::move(entry));
    }
    value.items.push_back(std::move(cells));
  }
  return value;
}

// Sums, differences and products of matrices, each with a factor before it.
std::optional<Value> Parser::matrix_sum(std::string_view text, int64_t depth) {
  MaybeValue sum;      // of the terms that have ended
  MaybeValue product;  // of the term that is being read
  Op op = Op::Add;     // before it
  for (size_t i = 0; i < kMaxMatrices; ++i) {
    const size_t start = text.find(kMatrixStart);
    if (start == std::string_view::npos) return std::nullopt;
    const size_t length = find_closer(text.substr(start));
    if (length == std::string_view::npos) return std::nullopt;
    MaybeValue factor = matrix_cells(text.substr(0, start + length + 1), depth);
    if (!factor.has_value()) return std::nullopt;
    product = product.has_value() ? product_of_matrices(*product, *factor) : std::move(factor);
    text = trim(text.substr(start + length + 1));
    const bool is_end = text.empty() || text.front() == '+' || text.front() == '-';
    if (is_end && product.has_value()) {
      sum = sum.has_value() ? sum_of_matrices(op, *sum, *product) : std::move(product);
      product.reset();
      if (!sum.has_value() || text.empty()) return sum;
      op = text.front() == '+' ? Op::Add : Op::Subtract;
      text = trim(text.substr(1));
    } else if (!product.has_value() || (text.front() != '*' && text.front() != kMatrixStart)) {
      return std::nullopt;
    } else if (text.front() == '*') {
      text = trim(text.substr(1));
    }
  }
  return std::nullopt;
}

// `3\mathbf{i} - 4\mathbf{j}` and "3i - 4j" are vectors. A lone i is the imaginary unit, unless it
// wears a hat.
std::optional<Value> Parser::basis_vector(std::string_view text, int64_t) {
  const bool is_marked = text.find("\\basis") != std::string_view::npos;
  if (!is_marked && !has_letters_i_and_j(text)) return std::nullopt;
  ExprReading reading;
  reading.letters_are_basis = true;
  reading.series_terms_left = 0;
  const std::optional<Expr> expr = read_expr(text, reading);
  if (!expr.has_value()) return std::nullopt;
  std::optional<VectorPart> part = decompose(*expr);
  if (!part.has_value() || !part->is_vector) return std::nullopt;
  const bool is_i_alone = !part->components[1].has_value() && !part->components[2].has_value();
  if (is_i_alone && text.find("\\basishat") == std::string_view::npos) return std::nullopt;
  Value row = simple_value(ValueKind::List);
  for (std::optional<Expr>& component : part->components) {
    if (!component.has_value()) {
      component = Expr();
      append_integer(*component, 0);
    }
    row.items.push_back(expression_value(std::move(*component)));
  }
  Value value = simple_value(ValueKind::Matrix);
  value.text = "ijk";
  value.items.push_back(std::move(row));
  return value;
}

}  // namespace caco
