# Brings a raw program into unified form by rewriting its syntax tree: nothing of it is run here. Lives in the warm
# interpreters as the module caco_unify; the rewritten program then has to prove itself by running.
#
# Raw forms that are known: a program that is unified already; functions with a call (printed, assigned, in an assert, in
# a doctest, or under `if __name__ == "__main__"`); a function whose parameters all have defaults; a plain script whose
# given values are constants and which prints its result, alone or as the body of a main function. Anything else gives "".

import ast
import builtins
import re

from caco_unified_text import DEFINITIONS, IMPORTS, assigned_name, imports_of, names_in, needed, write

NUMBER_WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
                "seventeen eighteen nineteen twenty").split()
NUMBERS_BY_WORD = {**{word: number for number, word in enumerate(NUMBER_WORDS)}, "dozen": 12, "thirty": 30, "forty": 40,
                   "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
                   "thousand": 1000}


class Unknown(Exception):
    """The program has none of the known forms."""


def unify(program, question="", answer=""):
    """Returns `program` in unified form, or "" when its form is not known. `answer` is not looked at: the unified
    program has to find it."""
    try:
        tree = ast.parse(program)
        if is_unified(tree):
            return finish_unified(program, tree)
        return rewrite(tree, question or "")
    except (Unknown, SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


# ---- a program that is unified already ----

def is_unified(tree):
    names = {assigned_name(statement): statement for statement in tree.body}
    given = names.get("input")
    return given is not None and "output" in names and isinstance(given.value, (ast.Dict, ast.Call))


def finish_unified(program, tree):
    lines = [line.rstrip() for line in program.strip().split("\n")]
    last = tree.body[-1]
    if not (isinstance(last, ast.Expr) and is_print(last.value)):
        lines.append("print(output)")
    return "\n".join(lines) + "\n"


# ---- looking at trees ----

def is_call_of(node, name):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def is_print(node):
    return is_call_of(node, "print")


def is_main_guard(statement):
    return (isinstance(statement, ast.If) and isinstance(statement.test, ast.Compare)
            and isinstance(statement.test.left, ast.Name) and statement.test.left.id == "__name__")


def is_constant(node):
    """Returns whether `node` is a literal, or arithmetic or a display of literals."""
    if isinstance(node, ast.Constant):
        return node.value is not ...
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.USub, ast.UAdd)) and is_constant(node.operand)
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(map(is_constant, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and is_constant(key) for key in node.keys) and all(map(is_constant, node.values))
    return False


def flatten(body):
    """Returns the statements of a module with the main guard opened and docstrings removed."""
    result = []
    for statement in body:
        if is_main_guard(statement):
            result.extend(statement.body)
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            result.append(statement)
    return result


def rewrite(tree, question):
    for node in ast.walk(tree):
        if is_call_of(node, "input") or isinstance(node, ast.Global):
            raise Unknown
    statements = flatten(tree.body)
    functions = {node.name: node for node in statements if isinstance(node, ast.FunctionDef)}
    call = find_call(statements, functions)
    if call is not None:
        function = functions[call.func.id]
        if has_parameters(function):
            return unify_function(statements, function, call)
        return unify_main(statements, function, question)
    if all(isinstance(node, (*DEFINITIONS, *IMPORTS)) or is_constant_assignment(node) for node in statements) and functions:
        return unify_uncalled(statements, functions, question)
    return unify_script(statements, question)


def has_parameters(function):
    arguments = function.args
    return bool(arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)


def is_constant_assignment(statement):
    return assigned_name(statement) is not None and is_constant(statement.value)


# ---- functions with a call ----

def find_call(statements, functions):
    """Returns the call of a function of the program that gives its result, or None when the result is made by
    statements of the script itself."""
    outer = [node for node in statements if not isinstance(node, (*DEFINITIONS, *IMPORTS))]
    values = {assigned_name(node): node.value for node in outer if assigned_name(node) is not None}
    for node in outer:
        if isinstance(node, ast.Assert):
            call = asserted_call(node.test, functions)
            if call is not None:
                return with_constants(call, values)
    outer = [node for node in outer if not isinstance(node, ast.Assert)]
    computing = [node for node in outer if not is_constant_assignment(node)]
    if len(computing) not in (1, 2):
        return None
    value = computing[-1].value if isinstance(computing[-1], (ast.Expr, ast.Assign)) else None
    if is_print(value):
        value = printed_value(value)
    if len(computing) == 2:
        name = assigned_name(computing[0])
        if name is None or not (isinstance(value, ast.Name) and value.id == name):
            return None
        value = computing[0].value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in functions:
        return with_constants(value, values)
    return None


def asserted_call(test, functions):
    """Returns f(...) of `f(...) == expected`, `expected == f(...)`, `f(...)`, `not f(...)` or a closeness test of it."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            return node
    return None


class Substitute(ast.NodeTransformer):
    def __init__(self, values):
        self.values = values

    def visit_Name(self, node):
        return self.values.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def with_constants(call, values):
    """Returns the call with the names of constants replaced by their values."""
    constants = {name: value for name, value in values.items() if is_constant(value)}
    arguments = [Substitute(constants).visit(argument) for argument in call.args]
    keywords = [ast.keyword(keyword.arg, Substitute(constants).visit(keyword.value)) for keyword in call.keywords]
    return ast.Call(call.func, arguments, keywords)


def bind(function, call):
    """Returns the arguments of the call by the name of their parameter, in order."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg:
        raise Unknown
    names = [argument.arg for argument in arguments.posonlyargs + arguments.args]
    if len(call.args) > len(names) or any(isinstance(argument, ast.Starred) for argument in call.args):
        raise Unknown
    bound = dict(zip(names, call.args))
    for keyword in call.keywords:
        if keyword.arg is None:
            if not isinstance(keyword.value, ast.Dict):
                raise Unknown
            bound.update((key.value, value) for key, value in zip(keyword.value.keys, keyword.value.values)
                         if isinstance(key, ast.Constant))
        else:
            bound[keyword.arg] = keyword.value
    return bound


def default_values(function):
    """Returns the defaults by the name of their parameter."""
    arguments = function.args
    positional = arguments.posonlyargs + arguments.args
    first = len(positional) - len(arguments.defaults)
    defaults = {argument.arg: value for argument, value in zip(positional[first:], arguments.defaults)}
    defaults.update((argument.arg, value) for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults)
                    if value is not None)
    return defaults


def unify_function(statements, function, call):
    arguments = function.args
    bound = bind(function, call)
    defaults = default_values(function)
    if not bound:
        bound = {name: value for name, value in defaults.items()
                 if is_constant(value) and not (isinstance(value, ast.Constant) and value.value is None)}
    parameters = [argument.arg for argument in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    missing = [name for name in parameters if name not in bound and name not in defaults]
    if missing or any(name not in parameters for name in bound):
        raise Unknown
    inputs = {name: bound[name] for name in parameters if name in bound}
    check_names_are_known(inputs.values(), statements)
    required = [ast.arg(name) for name in parameters if name in inputs]
    optional = [name for name in parameters if name not in inputs]
    function.args = ast.arguments([], required + [ast.arg(name) for name in optional], None, [], [], None,
                                  [defaults[name] for name in optional])
    function.body = with_result(function.body)
    helpers = [node for node in statements
               if node is not function and (isinstance(node, DEFINITIONS) or is_constant_assignment(node))]
    helpers = needed(helpers, [function, *inputs.values()])
    return write(imports_of(statements), helpers, function, inputs)


def check_names_are_known(values, statements):
    """Arguments may use what is built in, imported or defined beside the function."""
    known = set(dir(builtins))
    for node in statements:
        if isinstance(node, IMPORTS):
            known.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, DEFINITIONS):
            known.add(node.name)
    for value in values:
        if names_in(value, ast.Load) - names_in(value, ast.Store) - known:
            raise Unknown


def with_result(body):
    """Returns the body of a function that returns its result, where it may have printed it."""
    body = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    for node in body:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                return [statement for statement in body if not isinstance(statement, ast.Pass)]
    return script_body(body)


def unify_uncalled(statements, functions, question):
    """Functions that nothing calls: a doctest says how, or defaults give all arguments."""
    for function in reversed(functions.values()):
        example = re.search(r">>> *(" + function.name + r"\(.*\))", ast.get_docstring(function) or "")
        if example:
            call = ast.parse(example.group(1), mode="eval").body
            if isinstance(call, ast.Call) and is_call_of(call, function.name):
                return unify_function(statements, function, call)
    function = list(functions.values())[-1]
    if has_parameters(function):
        return unify_function(statements, function, ast.Call(ast.Name(function.name, ast.Load()), [], []))
    return unify_main(statements, function, question)


# ---- plain scripts ----

def unify_main(statements, function, question):
    """A function without parameters is a script in disguise."""
    others = [node for node in statements if node is not function
              and (isinstance(node, (*DEFINITIONS, *IMPORTS)) or is_constant_assignment(node))]
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if body and isinstance(body[-1], ast.Return) and body[-1].value is not None:
        body[-1] = ast.Expr(ast.Call(ast.Name("print", ast.Load()), [body[-1].value], []))
    if any(isinstance(inner, ast.Return) for node in body if not isinstance(node, DEFINITIONS) for inner in ast.walk(node)):
        raise Unknown
    return unify_script(others + body, question)


def is_stated(value, question):
    """Returns whether the question gives a constant: its numbers, in digits or words, or its text."""
    text = question.lower().replace(",", "")
    stated = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
    stated.update(number for word, number in NUMBERS_BY_WORD.items() if re.search(rf"\b{word}\b", text))

    def is_known(item):
        if isinstance(item, bool) or item is None:
            return False
        if isinstance(item, (int, float)):
            return abs(item) in stated or any(abs(abs(item) * 100 - number) < 1e-9 for number in stated)
        if isinstance(item, str):
            return item.lower() in question.lower()
        if isinstance(item, dict):
            return all(map(is_known, [*item.keys(), *item.values()]))
        return isinstance(item, (list, tuple, set)) and all(map(is_known, item))
    return is_known(value)


def given_values(statements, question):
    """Returns the constants of a script that are its inputs: assigned once, not empty, read later, and stated by the
    question when it states any of them."""
    stores = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                stores[node.id] = stores.get(node.id, 0) + 1
    loads = set().union(*(names_in(statement, ast.Load) for statement in statements), set())
    found = {}
    for statement in statements:
        if is_constant_assignment(statement):
            name = assigned_name(statement)
            try:
                value = ast.literal_eval(statement.value)
            except ValueError:
                continue
            if stores[name] == 1 and name in loads and value is not None and value not in ([], {}, "", ()):
                found[name] = (statement, value)
    stated = {name: pair for name, pair in found.items() if is_stated(pair[1], question)}
    return {name: statement for name, (statement, value) in (stated or found).items()}


def unify_script(statements, question):
    imports = imports_of(statements)
    statements = [node for node in statements if not isinstance(node, (*IMPORTS, ast.Assert))]
    given = given_values(statements, question)
    inputs = {name: statement.value for name, statement in given.items()}
    lifted = {id(statement) for statement in given.values()}
    statements = [node for node in statements if id(node) not in lifted]
    local = set(inputs).union(*(names_in(node, ast.Store) for node in statements if not isinstance(node, DEFINITIONS)))
    helpers = independent(statements, local)
    body = script_body([node for node in statements if node not in helpers])
    function = ast.FunctionDef("solve", ast.arguments([], [ast.arg(name) for name in inputs], None, [], [], None, []),
                               body, [], None)
    return write(imports, needed(helpers, [function]), function, inputs)


def independent(statements, local):
    """Returns the definitions that use nothing of the script's own, directly or through another definition."""
    helpers = [node for node in statements if isinstance(node, DEFINITIONS)]
    while True:
        kept = [node for node in helpers if not names_in(node, ast.Load) & local]
        if len(kept) == len(helpers):
            return kept
        local = local | {node.name for node in helpers if node not in kept}
        helpers = kept


def script_body(statements):
    """Returns the statements with the printed result returned and other prints removed."""
    body = [node for node in statements if not isinstance(node, ast.Assert)]
    while body and isinstance(body[-1], ast.Pass):
        body.pop()
    if not body:
        raise Unknown
    body = body[:-1] + returning(body[-1])
    return [node for node in body if not (isinstance(node, ast.Expr) and is_print(node.value))]


def returning(statement):
    """Returns the last statement as statements that return what it prints or makes."""
    if isinstance(statement, ast.Expr) and is_print(statement.value):
        return [ast.Return(printed_value(statement.value))]
    if isinstance(statement, ast.Expr):
        return [ast.Return(statement.value)]
    if assigned_name(statement) is not None:
        return [statement, ast.Return(ast.Name(assigned_name(statement), ast.Load()))]
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        return [statement, ast.Return(ast.Name(statement.target.id, ast.Load()))]
    if isinstance(statement, ast.Return):
        return [statement]
    if isinstance(statement, ast.If) and statement.orelse:
        return [ast.If(statement.test, script_body(statement.body), script_body(statement.orelse))]
    raise Unknown


def printed_value(call):
    """Returns the value that a print shows: the last one that is not plain text."""
    shown = []
    for argument in call.args:
        if isinstance(argument, ast.JoinedStr):
            parts = [part for part in argument.values if isinstance(part, ast.FormattedValue)]
            if len(parts) != 1:
                shown.append(argument)
            else:
                shown.append(parts[0].value if parts[0].format_spec is None else argument)
        elif not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)) or len(call.args) == 1:
            shown.append(argument)
    if len(shown) != 1 or isinstance(shown[0], ast.Starred):
        raise Unknown
    return shown[0]
