// The names that a Jinja template sees; see jinja_scope.h.
#include "caco/lm/jinja_scope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "caco/lm/jinja_items.h"

namespace caco::lm {
namespace {

constexpr std::array<const char*, 5> kFunctions = {"namespace", "dict", "raise_exception",
                                                   "strftime_now", "range"};

}  // namespace

size_t JinjaScope::enter_macro(Frame frame) {
  const size_t outer = macro_base_;
  macro_base_ = frames_.size();
  frames_.push_back(std::move(frame));
  return outer;
}

void JinjaScope::leave_macro(size_t outer) {
  frames_.resize(macro_base_);
  macro_base_ = outer;
}

JinjaValue JinjaScope::look_up(const std::string& name) const {
  for (size_t i = frames_.size(); i-- > 0;) {
    if (i > 0 && i < macro_base_) continue;
    const auto found = frames_[i].find(name);
    if (found != frames_[i].end()) return found->second;
  }
  const bool is_function =
      std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
  return is_function ? JinjaValue(JinjaMacro{}) : JinjaValue();
}

void JinjaScope::set(const std::string& name, JinjaValue value) {
  frames_.back()[name] = std::move(value);
}

Status JinjaScope::bind(const std::vector<std::string>& names, const JinjaValue& item) {
  if (names.size() == 1) {
    set(names[0], item);
    return {};
  }
  const JinjaList parts = TRY(jinja_items(item));
  if (parts.size() != names.size()) return jinja_error("cannot unpack an item of the loop");
  for (size_t i = 0; i < names.size(); ++i)
    set(names[i], parts[i]);
  return {};
}

JinjaValue JinjaScope::make_namespace(JinjaMap members) {
  JinjaValue made(std::move(members));
  namespaces_.push_back(made.map());
  kept_alive_.push_back(made);
  return made;
}

Status JinjaScope::set_member(const std::string& name, const std::string& member,
                              JinjaValue value) {
  const JinjaValue target = look_up(name);
  const bool is_namespace =
      target.map() != nullptr &&
      std::find(namespaces_.begin(), namespaces_.end(), target.map()) != namespaces_.end();
  if (!is_namespace) return jinja_error("not a namespace: " + name);
  for (auto& [key, old_value] : *target.map()) {
    if (key.bytes != member) continue;
    old_value = std::move(value);
    return {};
  }
  target.map()->emplace_back(MarkedText::make(member, /*is_trusted=*/true), std::move(value));
  return {};
}

}  // namespace caco::lm
