# Writes a program in unified form from the parts that unify.py found: imports, helpers, the function and its inputs.
# Lives in the warm interpreters as the module caco_unified_text.

import ast
import io
import re
import tokenize

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


def assigned_name(statement):
    """Returns the name of `name = value`, or None."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    if isinstance(statement, ast.AnnAssign) and statement.value is not None and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None


def names_in(node, context):
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, context)}


def imports_of(statements):
    return [node for node in statements if isinstance(node, IMPORTS)
            and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]


def needed(helpers, roots):
    """Returns the helpers that the roots reach by name, in their order."""
    reached = set()
    todo = list(roots)
    while todo:
        names = names_in(todo.pop(), ast.Load)
        for helper in helpers:
            name = assigned_name(helper) if not isinstance(helper, DEFINITIONS) else helper.name
            if name in names and id(helper) not in reached:
                reached.add(id(helper))
                todo.append(helper)
    return [helper for helper in helpers if id(helper) in reached]


class Rename(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node):
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


class DropAnnotations(ast.NodeTransformer):
    """Annotations may need names that an unified program does not import."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns = None
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node):
        node.annotation = None
        return node


def requote(text):
    """Returns the text with plain strings in double quotes."""
    lines = text.split("\n")
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline)
              if token.type == tokenize.STRING and token.start[0] == token.end[0]]
    for token in reversed(tokens):
        quoted = re.fullmatch(r"([a-zA-Z]*)'([^'\"\\]*)'", token.string)
        if quoted:
            row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
            lines[row] = f'{lines[row][:start]}{quoted.group(1)}"{quoted.group(2)}"{lines[row][end:]}'
    return "\n".join(lines)


def unused_imports_dropped(imports, nodes):
    used = set().union(*(names_in(node, ast.Load) for node in nodes))
    kept = []
    for node in imports:
        aliases = [alias for alias in node.names
                   if alias.name == "*" or (alias.asname or alias.name.partition(".")[0]) in used]
        if aliases and not (isinstance(node, ast.ImportFrom) and node.module == "typing" and aliases[0].name == "*"):
            kept.append(ast.Import(aliases) if isinstance(node, ast.Import)
                        else ast.ImportFrom(node.module, aliases, node.level))
    return kept


def write(imports, helpers, function, inputs):
    """Returns the text; `inputs` is name -> value node. The function is renamed to solve."""
    names = {}
    if function.name != "solve":
        names[function.name] = "solve"
        taken = {node.name for node in helpers if isinstance(node, DEFINITIONS)}
        if "solve" in taken:
            names["solve"] = "solve_part"
    function.decorator_list = []
    nodes = [ast.fix_missing_locations(DropAnnotations().visit(Rename(names).visit(node)))
             for node in [*helpers, function]]
    imports = unused_imports_dropped(imports, nodes + list(inputs.values()))
    parts = []
    if imports:
        parts.append("\n".join(ast.unparse(node) for node in imports))
    parts.extend(ast.unparse(node) for node in nodes)
    entries = ", ".join(f'"{name}": {ast.unparse(value)}' for name, value in inputs.items())
    parts.append(f"input = {{{entries}}}\noutput = solve(**input)\nprint(output)")
    text = re.sub(r"\n\n+", "\n\n", requote("\n\n".join(parts))) + "\n"
    ast.parse(text)
    return text
