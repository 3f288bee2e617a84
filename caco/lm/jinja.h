// Renders Jinja templates, as far as chat templates use the language: the blocks of jinja_parser.h,
// Jinja's expressions but for ** and chains of comparisons, the filters and tests of
// jinja_filters.h, the methods of jinja_methods.h, and the functions namespace, dict, range,
// raise_exception and strftime_now. Any other construct is an error that names it and its line,
// never an approximation; so is a template that does not end.
//
// Immutable after construction; render may be called from several threads.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_parser.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

using JinjaVariables = std::vector<std::pair<std::string, JinjaValue>>;

class JinjaTemplate {
 public:
  // InvalidArgument: what is not of the language above, by name, with the line.
  static Result<JinjaTemplate> parse(std::string_view source);

  // Returns the text, its bytes marked by where they come from. `now` is what strftime_now tells;
  // the current time without it. InvalidArgument: the template raised an exception or used a value
  // as it cannot be used; ResourceExhausted: too long a text or too many steps.
  Result<MarkedText> render(const JinjaVariables& variables,
                            std::optional<std::time_t> now = std::nullopt) const;

 private:
  explicit JinjaTemplate(JinjaBody body) : body_(std::move(body)) {}

  JinjaBody body_;
};

}  // namespace caco::lm
