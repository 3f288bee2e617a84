// The state of one pass of the parser of expressions (read_expr.h). Every method reads from the
// current place and returns the index of the node it built, or kNone when the text is no
// expression.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "caco/answer/expr.h"
#include "caco/answer/expr_names.h"
#include "caco/answer/read_expr.h"

namespace caco {

class ExprReader {
 public:
  ExprReader(std::string_view text, ExprReading& reading) : text_(text), reading_(reading) {}

  std::optional<Expr> run();

 private:
  static constexpr int32_t kNone = -1;
  static constexpr int kMaxChoosing = 16;  // tries to read a C with indices as a number of choices

  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }

  // read_expr.cpp: the grammar and numbers
  void skip_spaces();
  bool accept(std::string_view expected);
  std::string_view letters_at(size_t from) const;
  int32_t node(Op op, int32_t left, int32_t right = kNone);
  int32_t binary(Op op, int32_t left, int32_t right);
  bool has_room();
  int32_t sum();
  int32_t signed_product();
  int32_t product(int32_t num_minus);
  int32_t signed_power();
  int32_t divisor();
  bool accept_modulo();
  bool starts_operand() const;
  int32_t power();
  int32_t exponent();
  int32_t primary();
  int32_t group(std::string_view open, std::string_view close);
  int32_t bars(std::string_view open, std::string_view close);
  int32_t number();
  int32_t finish_number(Number number);
  static mpz_class power_of_ten(size_t exponent);
  static void add_period(Number& number, size_t num_decimals, const std::string& period);
  void read_digits(std::string& digits);
  bool repeat(Number& number, size_t num_decimals);
  bool dotted(Number& number, size_t num_decimals, std::string_view decimals);
  bool exponent_letter(Number& number);
  int32_t based(const std::string& digits, bool is_decimal);
  int32_t mixed(int32_t whole);
  bool is_proper_fraction_next() const;
  int64_t small_argument(size_t& at) const;

  // read_functions.cpp: commands, names and functions
  int32_t command();
  int32_t fraction();
  int32_t argument();
  int32_t latex_root();
  int32_t plain_number();
  int32_t name();
  bool is_after_text_edge() const;
  int32_t symbol_or_constant(char letter);
  int32_t symbol(std::string name);
  int32_t apply(FunctionName function, std::string_view word);
  bool is_minus_one(int32_t index) const;
  int32_t one_argument(Op op, std::string_view word, int32_t base, bool is_inverse);
  int32_t logarithm();
  int32_t inverse_hyperbolic(Op op, int32_t x);
  int32_t choose();
  bool may_choose(int32_t index) const;
  int32_t choose_with_indices();
  int32_t bare_argument();
  bool is_function_next() const;
  int32_t several_arguments(const FunctionName& function);

  // read_sums.cpp: sums and products over an index
  struct Series {
    bool is_product = false;
    size_t num_nodes = 0;  // in the tree before it
    size_t num_numbers = 0;
    size_t num_names = 0;
    char index = '\0';
    Expr lower;
    Expr upper;
    Expr term;
  };
  Series start_series(bool is_product) const;
  int32_t big_operator(bool is_product);
  int32_t program_sum(bool is_product);
  bool read_index(Series& series);
  Expr cut(const Series& series);
  int32_t graft(const Expr& part, char index, const Expr& value);
  int32_t graft_sequence(const std::string& name, char index, const Expr& place);
  int32_t finish_series(const Series& series);
  int32_t unknown_series(const Series& series);

  std::string_view text_;
  ExprReading& reading_;
  Expr expr_;
  size_t at_ = 0;
  int64_t depth_ = 0;
  int num_choosing_ = 0;
  int num_sums_ = 0;
  int32_t num_open_bars_ = 0;
  bool ended_with_number_ = false;
  bool commas_part_ = false;  // between the arguments of a function
  bool saw_modulo_ = false;   // outside the brackets within this sum
};

}  // namespace caco
