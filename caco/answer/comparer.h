// One comparison of two answers: walks both values side by side within one budget of work.
#pragma once

#include <cstdint>
#include <vector>

#include "caco/answer/decide_expr.h"
#include "caco/answer/value.h"
#include "caco/answer/verdict.h"

namespace caco {

class Comparer {
 public:
  Verdict compare(const Value& left, const Value& right);

 private:
  // equal.cpp
  bool spend(const Value& left, const Value& right);
  Verdict compare_same_kind(const Value& left, const Value& right);
  Verdict compare_kinds(const Value& left, const Value& right);
  Verdict compare_scalars(const Value& left, const Value& right);
  Verdict compare_unquoted(const Value& quoted, const Value& other);
  Verdict compare_words_with_expression(const Value& words, const Value& expression);
  Verdict compare_with_ratio(const Value& ratio, const Value& other);
  Verdict compare_with_relation(const Value& other, const Value& relation);
  Verdict compare_assignments(const Value& left, const Value& right);
  Verdict compare_with_collection(const Value& single, const Value& collection);

  // equal_collections.cpp
  Verdict compare_collections(const Value& left, const Value& right);
  Verdict compare_by_name(const Value& left, const Value& right);
  bool may_be_interval(const Value& value) const;
  bool is_point_of_interval(const Value& set, const Value& list);
  Verdict compare_in_order(const Value& left, const Value& right);
  Verdict compare_any_order(const Value& left, const Value& right, const Verdict& in_order);
  Verdict compare_members(const Value& left, const Value& right);
  Verdict compare_dicts(const Value& left, const Value& right);
  Verdict compare_interval_sets(const Value& left, const Value& right);
  Verdict compare_matrix_with_list(const Value& left, const Value& right);

  int64_t work_ = 0;
  ExprBudget budget_;
  int64_t depth_ = 0;
  int64_t num_reparses_ = 0;
};

bool is_collection(ValueKind kind);
bool has_symbolic(const Value& value);

}  // namespace caco
