// The parser's forms. A text is tried as each form in turn (string, keyword, number, bracket, call,
// relation, list, words, expression), and each form takes the whole text or none of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/answer/clean_text.h"
#include "caco/answer/decide_expr.h"
#include "caco/answer/limits.h"
#include "caco/answer/scan_number.h"
#include "caco/answer/text_pieces.h"
#include "caco/answer/value.h"

namespace caco {

// How ambiguous writing is read in one pass over an answer, and what was ambiguous.
struct ParseReading {
  bool commas_group = true;     // "1,234" is one number
  bool binds_tight = false;     // "1/2x" is 1/(2x)
  bool saw_tight = false;       // out
  bool units_possible = false;  // the letters of `1 m^2` are a unit
  bool letter_chooses = false;  // `C_5^2` is a number of choices
  bool saw_choosing = false;    // out
  bool takes_rounding = false;  // `1/3 \approx 0.33` says 0.33
  bool saw_rounding = false;    // out
};

Value simple_value(ValueKind kind);
Value text_value(std::string_view text, bool is_quoted);
Value expression_value(Expr expr);
bool has_empty_item(const Value& value);

class Parser {
 public:
  Parser(const CleanText& clean, ParseReading reading) : clean_(clean), reading_(reading) {
    context_.commas_group = reading.commas_group;
    context_.units_possible = reading.units_possible;
    near_budget_.work = kMaxRoundingWork;
  }

  // Returns what the text is; Symbolic when no form takes it. `depth` counts nested brackets.
  Value parse(std::string_view text, int64_t depth);

  const ScanContext& context() const { return context_; }
  const ParseReading& reading() const { return reading_; }

 private:
  using MaybeValue = std::optional<Value>;

  // Single values (parse.cpp).
  MaybeValue moment(std::string_view text, int64_t depth);
  MaybeValue number(std::string_view text, int64_t depth);
  MaybeValue literal(std::string_view text, int64_t depth);
  MaybeValue keyword(std::string_view text, int64_t depth);
  MaybeValue option(std::string_view text, int64_t depth);
  MaybeValue words(std::string_view text, int64_t depth);
  Value symbolic(std::string_view text) const;
  const std::string* literal_at(std::string_view text) const;

  // Amounts in words or in parts, ratios, vectors and matrices (parse_amounts.cpp,
  // parse_matrix.cpp).
  MaybeValue number_words(std::string_view text, int64_t depth);
  MaybeValue compound(std::string_view text, int64_t depth);
  MaybeValue ratio(std::string_view text, int64_t depth);
  MaybeValue basis_vector(std::string_view text, int64_t depth);
  MaybeValue matrix(std::string_view text, int64_t depth);
  MaybeValue matrix_cells(std::string_view text, int64_t depth);
  MaybeValue matrix_sum(std::string_view text, int64_t depth);

  // Collections (parse_lists.cpp).
  MaybeValue bracket(std::string_view text, int64_t depth);
  MaybeValue list(std::string_view text, int64_t depth);
  MaybeValue joined_list(std::string_view text, int64_t depth);
  MaybeValue set_or_dict(std::string_view inside, int64_t depth);
  MaybeValue set_builder(std::string_view inside, int64_t depth);
  Pieces split_items(std::string_view inside);
  bool read_items(std::string_view inside, int64_t depth, std::vector<Value>& items);

  // Calls that print values (parse_calls.cpp).
  MaybeValue call(std::string_view text, int64_t depth);
  MaybeValue call_value(std::string_view name, std::vector<Value> arguments);
  MaybeValue unquoted_number(Value value);

  // Expressions, relations and what they are made of (parse_relations.cpp).
  MaybeValue plus_minus(std::string_view text, int64_t depth);
  MaybeValue membership(std::string_view text, int64_t depth);
  MaybeValue interval_union(std::string_view text, int64_t depth);
  MaybeValue approximation(std::string_view text, int64_t depth);
  bool is_within(const Value& exact, const mpq_class& number, const mpq_class& distance);
  MaybeValue assignment(std::string_view text, int64_t depth);
  MaybeValue relation(std::string_view text, int64_t depth);
  MaybeValue condition(std::string_view text, int64_t depth);
  MaybeValue expression(std::string_view text, int64_t depth);
  MaybeValue constant_with_unit(std::string_view text);
  MaybeValue expression_with_unit(std::string_view text);
  MaybeValue digits_in_groups(std::string_view text);
  MaybeValue based_number(std::string_view text, int64_t depth);
  MaybeValue plain_expression(std::string_view text);

  const CleanText& clean_;
  ParseReading reading_;
  ScanContext context_;
  int64_t num_parts_ = 0;
  int64_t num_bytes_ = 0;  // of all texts parsed
  int64_t num_signs_ = 0;  // plus-minus signs met
  int64_t series_terms_left_ = kMaxSeriesTerms;
  ExprBudget near_budget_;  // for the roundings of constants
};

}  // namespace caco
