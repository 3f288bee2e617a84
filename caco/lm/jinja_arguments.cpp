// The arguments of a call in a Jinja template; see jinja_arguments.h.
#include "caco/lm/jinja_arguments.h"

namespace caco::lm {

JinjaValue JinjaArguments::get(size_t index, const std::string& name) const {
  if (index < positional.size()) return positional[index];
  for (const auto& [own_name, value] : named) {
    if (own_name == name) return value;
  }
  return {};
}

bool is_jinja_absent(const JinjaValue& value) {
  return value.is_undefined() || value.is_none();
}

Result<std::string> jinja_text_argument(const JinjaValue& value, const std::string& of) {
  if (value.text() == nullptr) return jinja_error("argument is not a text: of " + of);
  return value.text()->bytes;
}

Result<int64_t> jinja_integer_argument(const JinjaValue& value, int64_t otherwise,
                                       const std::string& of) {
  if (is_jinja_absent(value)) return otherwise;
  if (value.integer() == nullptr) return jinja_error("argument is not an integer: of " + of);
  return *value.integer();
}

}  // namespace caco::lm
