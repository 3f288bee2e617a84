// Typed results of programs as answers, without going through their text. The form is the JSON that
// the sandbox writes (caco/sandbox/protocol.h): numbers, strings and lists as in JSON, and every
// other type as an object with one key that names it, such as {"fraction": "3/4"}.
#pragma once

#include <string_view>

#include "caco/answer/answer.h"
#include "caco/answer/value.h"
#include "caco/base/json.h"
#include "caco/record/sample.h"

namespace caco {

// Returns the meanings of a typed value, bounded as those of a text are (limits.h). What has no
// meaning as an answer (an unknown key, a form that is broken) is Symbolic with its JSON as text.
// Thread-safe.
Readings read_typed_answer(const Json& typed);

// Decides whether a typed value is the answer given as text, or another typed value. As
// compare_answers in all else: a string that holds "24" is 24, a float is a rounding, a list has
// its order and a set has none. The left side is the first argument. Thread-safe.
AnswerComparison compare_typed_answer(const Json& typed, std::string_view text);
AnswerComparison compare_typed_answers(const Json& left, const Json& right);

// Decides whether the output of a program is the answer given as text. By its typed form; by its
// repr only where that form is absent or of a type that means nothing as an answer. The left side
// is the output. Thread-safe.
AnswerComparison compare_output(const Execution& execution, std::string_view text);

}  // namespace caco
