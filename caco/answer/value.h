// Value: what an answer means once it is parsed. Plain data; numbers are exact rationals (GMP).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/answer/expr.h"
#include "caco/answer/number.h"

namespace caco {

enum class ValueKind {
  Number,      // any rational: integer, fraction, decimal, percent, mixed, scientific; with a unit
  Infinity,    // signed
  NotANumber,  // Python's nan
  Boolean,     // true, false, yes, no
  None,        // Python's None
  Option,      // the letter of a multiple choice
  Moment,      // a date, a time of day, or both
  Ratio,       // `3:4`, `1:2:3`: items are the terms
  Expression,  // `expr`: anything with a variable, a radical, pi, ...; with a unit
  Text,        // words, or a Python string
  Assignment,  // `x = 5`: a name and items[0]
  BareList,    // `1, 2` without brackets: order is free
  List,        // [1, 2]
  Tuple,       // (1, 2)
  Set,         // {1, 2}
  Dict,        // items are key, value, key, value, ...
  Interval,    // [1, 2) or (1, 2]: `text` holds the two brackets
  Matrix,      // items are rows, each a List; `text` is "ijk" for a sum of basis vectors, "vector"
               // for an array of one dimension, which is neither row nor column
  Union,       // items are Intervals and Sets
  Relation,    // `2x + 3y = 6`, `1 < x <= 5`: items are the sides, `text` the signs between them:
               // '=', '<', '>', '!' (not equal), 'l' (<=), 'g' (>=)
  Symbolic,    // anything else: only its text can be compared
};

struct Unit {
  std::string name;          // canonical, empty for none: "kilometer", "meter^2", "apple"
  bool is_known = false;     // every word of it is in our table, so that another name means another
                             // unit
  bool is_possible = false;  // the letters may be a product as well
};

// A point in time; fields that were not given are -1.
struct Moment {
  int64_t year = -1;
  int64_t month = -1;
  int64_t day = -1;
  int64_t second_of_day = -1;
  bool has_half = false;           // the time was given with a.m. or p.m., or needs none (13:00)
  bool is_ratio = false;           // "3:15" may be a ratio
  bool is_day_first_open = false;  // "3/4/2024": day and month may be exchanged
};

struct Value {
  ValueKind kind = ValueKind::Symbolic;
  Number number;     // Number
  int64_t base = 0;  // Number: of its digits when written (`101_2`), else 0; `text` holds them
  Expr expr;         // Expression
  Unit unit;         // Number, Expression
  Moment moment;     // Moment
  std::string text;  // Text: words; Symbolic: normal text; Option: letter; Assignment: name;
                     // Number from words: the words
  bool is_quoted = false;  // Text that was a Python string; a collection of a program, which is no
                           // interval
  bool is_negative = false;  // Infinity
  bool is_true = false;      // Boolean
  std::vector<Value> items;
};

// How sure it is that a comma is the decimal one of most of Europe. Less sure ones come later.
enum class CommaReading {
  None,
  Certain,   // `1.234,5`
  Likely,    // `0,5`, which may be two numbers
  Doubtful,  // `1,234`, which groups digits as a rule
};

// All meanings that a text may have ("1,234" is a number or two), the likeliest first. Never empty
// when parsing succeeded.
struct Readings {
  std::vector<Value> values;
  CommaReading last_commas = CommaReading::None;  // of values.back(), if decimal commas made it
  bool is_over_limit = false;  // too deep, too many parts or too many digits: values hold text only
};

}  // namespace caco
