// The names that a Jinja template sees while it is rendered: variables by frames, namespaces.
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

class JinjaScope {
 public:
  using Frame = std::map<std::string, JinjaValue>;

  // Begins in the outermost frame, which holds the template's variables.
  JinjaScope() { push_frame(); }

  // A loop's body has a frame of its own.
  void push_frame() { frames_.emplace_back(); }
  void pop_frame() { frames_.pop_back(); }

  // A macro sees its own frames and the outermost one. enter_macro returns what leave_macro takes.
  size_t enter_macro(Frame frame);
  void leave_macro(size_t outer);

  // Returns the value of a name; an undefined value when nothing has it.
  JinjaValue look_up(const std::string& name) const;

  // Set a name of the innermost frame, or several of them to the items of a value. InvalidArgument:
  // not as many items as names.
  void set(const std::string& name, JinjaValue value);
  Status bind(const std::vector<std::string>& names, const JinjaValue& item);

  // Returns a map whose members may be set. InvalidArgument of set_member: `name` is none.
  JinjaValue make_namespace(JinjaMap members);
  Status set_member(const std::string& name, const std::string& member, JinjaValue value);

 private:
  std::vector<Frame> frames_;  // innermost last
  size_t macro_base_ = 0;      // first frame of the macro that runs
  std::vector<JinjaMap*> namespaces_;
  std::vector<JinjaValue> kept_alive_;  // the namespaces, so that their addresses stay theirs
};

}  // namespace caco::lm
