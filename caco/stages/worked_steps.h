// Whether a worked solution and a program reason alike: the mechanical consistency check of
// verification (the paper asks a model, section "CoT consistency"; a model can be asked as well).
//
// What is checked, and so what `Agree` shows:
//   1. Every calculator annotation <<EXPR=VALUE>> and every plain equation "EXPR = VALUE" of the
//      solution is arithmetically right, exactly or rounded to the decimals shown.
//   2. Every number that an annotation computes with was there before: in the question, among the
//      program's inputs, literals and intermediate values, as an earlier result, earlier in the
//      solution's text, or as an everyday constant (60, 100, 365, ...). Nothing comes from nowhere,
//      unless the result was there before: then a known number is taken apart.
//   3. The solution passes through the program's own intermediate values: at least a given share of
//      the numbers that the program assigns on its way, its output left out, occur in the solution.
//   4. A list or a quoted text of the solution is not another one than the program has there,
//      and what is called sorted is (shown_literals.h).
// What it does not show: that the words between the numbers are true, or that a step of the
// solution stands for the same thing as the program's step of the same value. A solution without
// any number to check gives `Nothing`: neither agreement nor disagreement.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/record/sample.h"
#include "caco/stages/program_trace.h"

namespace caco {

enum class StepsVerdict { Agree, Disagree, Nothing };

struct StepsCheck {
  StepsVerdict verdict = StepsVerdict::Nothing;
  std::string detail;  // of a disagreement: the first thing that is wrong
};

struct StepsQuestion {
  std::string_view question;
  std::string_view solution;
  std::string_view program;
  std::string_view output;  // repr of the program's output
  const std::vector<std::pair<std::string, std::string>>* inputs = nullptr;  // name -> repr
  const ProgramTrace* trace = nullptr;  // the program's intermediate values
  double min_shared_steps = 0.5;        // share of rule 3
};

// REQUIRES: inputs and trace are set.
StepsCheck check_steps(const StepsQuestion& asked);

}  // namespace caco
