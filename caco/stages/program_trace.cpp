#include "caco/stages/program_trace.h"

#include <optional>

namespace caco {
namespace {

constexpr std::string_view kTraceProgram = R"PY(
import ast

most_steps = 64
longest_step = 400
steps = []


def is_traced(value):
    if type(value) in (int, float):
        return abs(value) < 10 ** 25
    return type(value) in (str, list, tuple)


def record_step(value):
    if len(steps) < most_steps and is_traced(value):
        steps.append(value)


def assigned_name(statement):
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    is_assignment = isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign))
    return targets[0].id if is_assignment and isinstance(targets[0], ast.Name) else None


def recorded(statements):
    result = []
    for statement in statements:
        if isinstance(statement, ast.If):
            statement.body = recorded(statement.body)
            statement.orelse = recorded(statement.orelse)
        result.append(statement)
        name = assigned_name(statement)
        if name is not None:
            call = ast.Call(ast.Name("record_step", ast.Load()), [ast.Name(name, ast.Load())], [])
            result.append(ast.Expr(call))
    return result


tree = ast.parse(source)
for node in ast.walk(tree):
    if isinstance(node, ast.FunctionDef):
        node.body = recorded(node.body)
ast.fix_missing_locations(tree)
scope = {"record_step": record_step, "print": lambda *values, **options: None}
exec(compile(tree, "program", "exec"), scope)
input = {"source": source}
output = [text for text in (repr(value) for value in steps) if len(text) <= longest_step]
)PY";

}  // namespace

std::string make_trace_program(std::string_view program) {
  // A JSON string is a Python string literal of the same text.
  return "source = " + dump_json(Json(std::string(program))) + "\n" + std::string(kTraceProgram);
}

ProgramTrace parse_trace(const Json& output) {
  ProgramTrace trace;
  if (!output.is_array()) return trace;
  for (const Json& step : output) {
    if (!step.is_string()) continue;
    const std::string& repr = step.get_ref<const std::string&>();
    if (const std::optional<Rational> number = parse_rational(repr)) {
      trace.numbers.push_back(*number);
    } else if (!repr.empty() && std::string_view("'\"[(").find(repr[0]) != std::string_view::npos) {
      trace.literals.push_back(repr);
    }
  }
  return trace;
}

}  // namespace caco
