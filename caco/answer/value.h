// Value: what an answer means once it is parsed. Plain data; numbers are exact rationals (GMP).
#pragma once

#include <gmpxx.h>

#include <cstdint>
#include <string>
#include <vector>

namespace caco {

enum class ValueKind {
  Number,      // any rational: integer, fraction, decimal, percent, mixed, scientific; with a unit
  Infinity,    // signed
  NotANumber,  // Python's nan
  Boolean,     // true, false, yes, no
  None,        // Python's None
  Option,      // the letter of a multiple choice
  Moment,      // a date, a time of day, or both
  Text,        // words, or a Python string
  Assignment,  // `x = 5`: a name and items[0]
  BareList,    // `1, 2` without brackets: order is free
  List,        // [1, 2]
  Tuple,       // (1, 2)
  Set,         // {1, 2}
  Dict,        // items are key, value, key, value, ...
  Interval,    // [1, 2) or (1, 2]: `text` holds the two brackets
  Matrix,      // items are rows, each a List
  Symbolic,    // anything else: only its text can be compared
};

// A number and how it was written, which decides what a rounding of it may equal.
struct Number {
  mpq_class value;
  bool is_decimal = false;      // written with a point or an exponent: it may be a rounding
  int64_t last_place = 0;       // power of ten of the last digit given: -2 for 3.14
  int64_t num_significant = 0;  // digits given without leading zeros
};

struct Unit {
  std::string name;       // canonical, empty for none: "kilometer", "meter^2", "apple"
  bool is_known = false;  // every word of it is in our table, so that another name means another
                          // unit
};

// A point in time; fields that were not given are -1.
struct Moment {
  int64_t year = -1;
  int64_t month = -1;
  int64_t day = -1;
  int64_t second_of_day = -1;
  bool has_half = false;  // the time was given with a.m. or p.m., or needs none (13:00)
  bool is_ratio = false;  // "3:15" may be a ratio
};

struct Value {
  ValueKind kind = ValueKind::Symbolic;
  Number number;     // Number
  Unit unit;         // Number
  Moment moment;     // Moment
  std::string text;  // Text: the words; Symbolic: normal text; Option: letter; Assignment: name
  bool is_quoted = false;    // Text that was a Python string
  bool is_negative = false;  // Infinity
  bool is_true = false;      // Boolean
  std::vector<Value> items;
};

// All meanings that a text may have ("1,234" is a number or two), the likeliest first. Never empty
// when parsing succeeded.
struct Readings {
  std::vector<Value> values;
  bool is_over_limit = false;  // too deep, too many parts or too many digits: values hold text only
};

}  // namespace caco
