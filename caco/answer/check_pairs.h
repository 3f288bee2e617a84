// For tests of the comparison: rows of pairs with one verdict, checked in both directions.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/answer.h"

namespace caco {

struct Row {
  std::string left;
  std::string right;
};

inline void check(Equality expected, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const AnswerComparison forth = compare_answers(row.left, row.right);
    const AnswerComparison back = compare_answers(row.right, row.left);
    EXPECT_EQ(to_string(forth.equality), to_string(expected)) << forth.reason;
    EXPECT_EQ(to_string(back.equality), to_string(expected)) << back.reason;
    EXPECT_EQ(forth.proof, back.proof);
    EXPECT_EQ(forth.proof.empty(), expected == Equality::Unknown);
  }
}

}  // namespace caco
