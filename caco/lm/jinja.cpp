// Renders Jinja templates; see jinja.h.
#include "caco/lm/jinja.h"

#include <array>
#include <utility>

#include "caco/lm/jinja_filters.h"
#include "caco/lm/jinja_items.h"
#include "caco/lm/jinja_methods.h"
#include "caco/lm/jinja_operators.h"
#include "caco/lm/jinja_scope.h"

namespace caco::lm {
namespace {

using Expression = JinjaExpression;
using Statement = JinjaStatement;

constexpr int64_t kMaxRenderSteps = 3'000'000;
constexpr int64_t kMaxMacroDepth = 50;

// What a statement does to the loop around it.
enum class Flow { Next, Break, Continue };

class Renderer {
 public:
  Renderer(const JinjaVariables& variables, std::time_t now) : now_(now) {
    for (const auto& [name, value] : variables)
      scope_.set(name, value);
  }

  Result<MarkedText> render(const JinjaBody& body) {
    TRY(run(body));
    return std::move(out_);
  }

 private:
  // An error without a line gets the line of what was evaluated.
  static Error at_line(Error error, int64_t line) {
    if (error.message.find(", line ") == std::string::npos) {
      error.message += ", line " + std::to_string(line);
    }
    return error;
  }

  Status count_step() {
    if (++num_steps_ <= kMaxRenderSteps && out_.bytes.size() <= kMaxJinjaTextBytes) return {};
    return Error{ErrorCode::ResourceExhausted, "chat template: too many steps or too long a text",
                 ""};
  }

  // --- statements ---

  Result<Flow> run(const JinjaBody& body) {
    for (const Statement& statement : body) {
      TRY(count_step());
      const Result<Flow> flow = run_statement(statement);
      if (!flow.ok()) return at_line(flow.error(), statement.line);
      if (flow.value() != Flow::Next) return flow.value();
    }
    return Flow::Next;
  }

  Result<Flow> run_statement(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::Data:
        out_.append(MarkedText::make(statement.text, /*is_trusted=*/true));
        return Flow::Next;
      case Statement::Kind::Output: {
        const JinjaValue value = TRY(evaluate(*statement.expression));
        out_.append(TRY(to_text(value)));
        return Flow::Next;
      }
      case Statement::Kind::If:
        for (size_t i = 0; i < statement.bodies.size(); ++i) {
          const bool is_else = i >= statement.conditions.size();
          const bool holds = is_else || TRY(evaluate(*statement.conditions[i])).is_true();
          if (holds) return run(statement.bodies[i]);
        }
        return Flow::Next;
      case Statement::Kind::For:
        return run_for(statement);
      case Statement::Kind::Set:
        TRY(run_set(statement));
        return Flow::Next;
      case Statement::Kind::Macro:
        macros_.push_back(&statement);
        scope_.set(statement.names[0], JinjaMacro{static_cast<int64_t>(macros_.size()) - 1});
        return Flow::Next;
      case Statement::Kind::Block:
        return run(statement.bodies[0]);
      case Statement::Kind::Break:
        return Flow::Break;
      case Statement::Kind::Continue:
        return Flow::Continue;
    }
    return Flow::Next;
  }

  Result<Flow> run_for(const Statement& statement) {
    const JinjaValue iterable = TRY(evaluate(*statement.expression));
    JinjaList items = TRY(jinja_items(iterable));
    num_steps_ += static_cast<int64_t>(items.size());  // even if the body is empty
    if (!statement.conditions.empty()) {
      JinjaList kept;
      for (const JinjaValue& item : items) {
        scope_.push_frame();
        const Status bound = scope_.bind(statement.names, item);
        const Result<JinjaValue> holds = evaluate(*statement.conditions[0]);
        scope_.pop_frame();
        TRY(bound);
        if (TRY(holds).is_true()) kept.push_back(item);
      }
      items = std::move(kept);
    }
    if (items.empty() && statement.bodies.size() > 1) return run(statement.bodies[1]);
    for (size_t i = 0; i < items.size(); ++i) {
      TRY(count_step());
      scope_.push_frame();
      scope_.set("loop", loop_value(items, i));
      const Status bound = scope_.bind(statement.names, items[i]);
      const Result<Flow> flow = run(statement.bodies[0]);
      scope_.pop_frame();
      TRY(bound);
      if (TRY(flow) == Flow::Break) break;
    }
    return Flow::Next;
  }

  static JinjaValue loop_value(const JinjaList& items, size_t i) {
    const int64_t index = static_cast<int64_t>(i);
    const int64_t length = static_cast<int64_t>(items.size());
    const auto key = [](const char* name) {
      return MarkedText::make(name, /*is_trusted=*/true);
    };
    return JinjaMap{{key("index"), index + 1},
                    {key("index0"), index},
                    {key("revindex"), length - index},
                    {key("revindex0"), length - index - 1},
                    {key("first"), index == 0},
                    {key("last"), index + 1 == length},
                    {key("length"), length},
                    {key("previtem"), i > 0 ? items[i - 1] : JinjaValue()},
                    {key("nextitem"), i + 1 < items.size() ? items[i + 1] : JinjaValue()}};
  }

  // Runs a body whose output is a value.
  Result<MarkedText> capture(const JinjaBody& body) {
    MarkedText outer = std::move(out_);
    out_ = {};
    const Result<Flow> flow = run(body);
    MarkedText inner = std::move(out_);
    out_ = std::move(outer);
    TRY(flow);
    return inner;
  }

  Status run_set(const Statement& statement) {
    JinjaValue value;
    if (statement.expression != nullptr) {
      value = TRY(evaluate(*statement.expression));
    } else {
      value = TRY(capture(statement.bodies[0]));
    }
    if (statement.names.size() == 1) {
      scope_.set(statement.names[0], std::move(value));
      return {};
    }
    return scope_.set_member(statement.names[0], statement.names[1], std::move(value));
  }

  // --- expressions ---

  Result<JinjaValue> evaluate(const Expression& expression) {
    TRY(count_step());
    Result<JinjaValue> value = evaluate_kind(expression);
    if (!value.ok()) return at_line(value.error(), expression.line);
    return value;
  }

  Result<JinjaValue> evaluate_kind(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::Literal:
        return expression.value;
      case Expression::Kind::Name:
        return scope_.look_up(expression.name);
      case Expression::Kind::List: {
        JinjaList list;
        for (const JinjaExpressionPtr& part : expression.parts)
          list.push_back(TRY(evaluate(*part)));
        return JinjaValue(std::move(list));
      }
      case Expression::Kind::Map:
        return evaluate_map(expression);
      case Expression::Kind::Attribute: {
        const JinjaValue object = TRY(evaluate(*expression.parts[0]));
        return jinja_member(object, expression.name);
      }
      case Expression::Kind::Item:
        return evaluate_item(expression);
      case Expression::Kind::Slice:
        return evaluate_slice(expression);
      case Expression::Kind::Call:
        return evaluate_call(expression);
      case Expression::Kind::Filter: {
        const JinjaArguments arguments = TRY(evaluate_arguments(expression, /*skip=*/0));
        return apply_jinja_filter(expression.name, arguments);
      }
      case Expression::Kind::Test: {
        const JinjaArguments arguments = TRY(evaluate_arguments(expression, /*skip=*/0));
        return JinjaValue(TRY(apply_jinja_test(expression.name, arguments)));
      }
      case Expression::Kind::Unary:
        return evaluate_unary(expression);
      case Expression::Kind::Binary:
        return evaluate_binary(expression);
      case Expression::Kind::Conditional: {
        const bool holds = TRY(evaluate(*expression.parts[1])).is_true();
        if (holds) return evaluate(*expression.parts[0]);
        return expression.parts[2] == nullptr ? JinjaValue() : TRY(evaluate(*expression.parts[2]));
      }
    }
    return JinjaValue();
  }

  Result<JinjaValue> evaluate_map(const Expression& expression) {
    JinjaMap map;
    for (size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
      const JinjaValue key = TRY(evaluate(*expression.parts[i]));
      if (key.text() == nullptr) return jinja_error("key of a dict that is no text");
      JinjaValue value = TRY(evaluate(*expression.parts[i + 1]));
      map.emplace_back(*key.text(), std::move(value));
    }
    return JinjaValue(std::move(map));
  }

  Result<JinjaValue> evaluate_item(const Expression& expression) {
    const JinjaValue object = TRY(evaluate(*expression.parts[0]));
    const JinjaValue index = TRY(evaluate(*expression.parts[1]));
    if (index.text() != nullptr) return jinja_member(object, index.text()->bytes);
    if (index.integer() != nullptr) return jinja_element(object, *index.integer());
    return jinja_error(std::string("index of type ") + index.type_name());
  }

  Result<JinjaValue> evaluate_slice(const Expression& expression) {
    const JinjaValue object = TRY(evaluate(*expression.parts[0]));
    std::array<JinjaValue, 3> borders;
    for (size_t i = 0; i < borders.size(); ++i) {
      if (expression.parts[i + 1] != nullptr) borders[i] = TRY(evaluate(*expression.parts[i + 1]));
    }
    return jinja_slice(object, borders[0], borders[1], borders[2]);
  }

  Result<JinjaArguments> evaluate_arguments(const Expression& expression, size_t skip) {
    JinjaArguments arguments;
    for (size_t i = skip; i < expression.parts.size(); ++i)
      arguments.positional.push_back(TRY(evaluate(*expression.parts[i])));
    for (const auto& [name, part] : expression.named) {
      JinjaValue value = TRY(evaluate(*part));
      arguments.named.emplace_back(name, std::move(value));
    }
    return arguments;
  }

  Result<JinjaValue> evaluate_call(const Expression& expression) {
    const Expression& callee = *expression.parts[0];
    if (callee.kind == Expression::Kind::Attribute) {
      const JinjaValue object = TRY(evaluate(*callee.parts[0]));
      const JinjaArguments arguments = TRY(evaluate_arguments(expression, /*skip=*/1));
      return call_jinja_method(object, callee.name, arguments);
    }
    if (callee.kind != Expression::Kind::Name)
      return jinja_error("call of something without a name");
    const JinjaArguments arguments = TRY(evaluate_arguments(expression, /*skip=*/1));
    const JinjaValue value = scope_.look_up(callee.name);
    if (value.macro() == nullptr) {
      return jinja_error((value.is_undefined() ? "not defined: " : "not callable: ") + callee.name);
    }
    const int64_t index = value.macro()->index;
    if (index < 0) return call_function(callee.name, arguments);
    return call_macro(*macros_[static_cast<size_t>(index)], arguments);
  }

  Result<JinjaValue> call_function(const std::string& name, const JinjaArguments& arguments) {
    if (name == "namespace" || name == "dict") {
      if (!arguments.positional.empty())
        return jinja_error(name + " with an argument without a name");
      JinjaMap map;
      for (const auto& [key, value] : arguments.named)
        map.emplace_back(MarkedText::make(key, /*is_trusted=*/true), value);
      return name == "dict" ? JinjaValue(std::move(map)) : scope_.make_namespace(std::move(map));
    }
    const JinjaValue first = arguments.get(0, "");
    if (name == "raise_exception") {
      return jinja_error("the messages do not fit: " + TRY(to_text(first)).bytes);
    }
    if (name == "strftime_now") return format_time(TRY(to_text(first)).bytes);
    if (name == "range") return jinja_range(arguments);
    return jinja_error("function under another name: " + name);
  }

  Result<JinjaValue> format_time(const std::string& format) const {
    std::tm local = {};
    localtime_r(&now_, &local);
    std::array<char, 1024> buffer{};
    const size_t size = std::strftime(buffer.data(), buffer.size(), format.c_str(), &local);
    return JinjaValue::trusted(std::string(buffer.data(), size));
  }

  Result<JinjaValue> call_macro(const Statement& macro, const JinjaArguments& arguments) {
    if (macro_depth_ >= kMaxMacroDepth) return jinja_error("macros are nested too deeply");
    const size_t num_parameters = macro.names.size() - 1;
    if (arguments.positional.size() > num_parameters) {
      return jinja_error("too many arguments: " + macro.names[0]);
    }
    JinjaScope::Frame frame;
    for (size_t i = 0; i < num_parameters; ++i) {
      const std::string& name = macro.names[i + 1];
      frame[name] = arguments.get(i, name);
      const bool has_default = macro.conditions[i] != nullptr;
      if (frame[name].is_undefined() && has_default) {
        frame[name] = TRY(evaluate(*macro.conditions[i]));
      }
    }
    const size_t outer = scope_.enter_macro(std::move(frame));
    ++macro_depth_;
    Result<MarkedText> text = capture(macro.bodies[0]);
    --macro_depth_;
    scope_.leave_macro(outer);
    return JinjaValue(TRY(text));
  }

  Result<JinjaValue> evaluate_unary(const Expression& expression) {
    const JinjaValue value = TRY(evaluate(*expression.parts[0]));
    if (expression.name == "not") return JinjaValue(!value.is_true());
    if (value.integer() != nullptr && *value.integer() != INT64_MIN) {
      return JinjaValue(expression.name == "-" ? -*value.integer() : *value.integer());
    }
    if (value.floating() == nullptr) return jinja_error("sign before a value that is no number");
    return JinjaValue(expression.name == "-" ? -*value.floating() : *value.floating());
  }

  Result<JinjaValue> evaluate_binary(const Expression& expression) {
    const std::string& name = expression.name;
    JinjaValue left = TRY(evaluate(*expression.parts[0]));
    // The two that may leave out their right side give one of their sides.
    if (name == "and") return left.is_true() ? evaluate(*expression.parts[1]) : left;
    if (name == "or") return left.is_true() ? left : evaluate(*expression.parts[1]);
    const JinjaValue right = TRY(evaluate(*expression.parts[1]));
    return apply_jinja_operator(name, left, right);
  }

  std::time_t now_;
  MarkedText out_;
  JinjaScope scope_;
  int64_t macro_depth_ = 0;
  int64_t num_steps_ = 0;
  std::vector<const Statement*> macros_;
};

}  // namespace

Result<JinjaTemplate> JinjaTemplate::parse(std::string_view source) {
  return JinjaTemplate(TRY(parse_jinja(source)));
}

Result<MarkedText> JinjaTemplate::render(const JinjaVariables& variables,
                                         std::optional<std::time_t> now) const {
  return Renderer(variables, now.value_or(std::time(nullptr))).render(body_);
}

}  // namespace caco::lm
