# Writes a syntax tree as text, character for character as ast.unparse does, but several times faster: facts are made for each
# program, and writing is the longest part of them. Knows what short programs consist of; a tree with anything else in
# it goes to ast.unparse. Every expression is written by one function of its node and of a level: how tightly the place
# where it stands binds, which decides whether it needs parentheses.

import ast

# From loose to tight.
TUPLE, YIELD, TEST, OR, AND, NOT, COMPARE, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, SIGN, POWER, AWAIT, ATOM = \
    range(2, 19)

# Operators that take two values: text, level, level of the left and of the right value.
BINARY = {kind: (f" {sign} ", level, level, level + 1) for kind, sign, level in (
    (ast.BitOr, "|", BIT_OR), (ast.BitXor, "^", BIT_XOR), (ast.BitAnd, "&", BIT_AND), (ast.LShift, "<<", SHIFT),
    (ast.RShift, ">>", SHIFT), (ast.Add, "+", SUM), (ast.Sub, "-", SUM), (ast.Mult, "*", PRODUCT),
    (ast.MatMult, "@", PRODUCT), (ast.Div, "/", PRODUCT), (ast.Mod, "%", PRODUCT), (ast.FloorDiv, "//", PRODUCT))}
BINARY[ast.Pow] = (" ** ", POWER, POWER + 1, POWER)
UNARY = {ast.Not: ("not ", NOT), ast.Invert: ("~", SIGN), ast.UAdd: ("+", SIGN), ast.USub: ("-", SIGN)}
BOOLEAN = {ast.And: (" and ", AND), ast.Or: (" or ", OR)}
COMPARISONS = {ast.Eq: " == ", ast.NotEq: " != ", ast.Lt: " < ", ast.LtE: " <= ", ast.Gt: " > ", ast.GtE: " >= ",
               ast.Is: " is ", ast.IsNot: " is not ", ast.In: " in ", ast.NotIn: " not in "}
INFINITY = "1e309"  # a number that reads as infinity again


class Unknown(Exception):
    """The tree has something that is not written here."""


def written(tree):
    """Returns the text of a module."""
    try:
        lines = []
        write_body(tree.body, "", lines, True)
        return "\n".join(lines)
    except (Unknown, KeyError):
        return ast.unparse(tree)


def write(node, level=TEST):
    return EXPRESSIONS[type(node)](node, level)


def in_parentheses(text, is_needed):
    return f"({text})" if is_needed else text


# ---- expressions ----

def write_name(node, level):
    return node.id


def write_constant(node, level):
    value = node.value
    if type(value) is int or type(value) is str and node.kind is None:
        return repr(value)
    if type(value) is float or type(value) is complex:
        return repr(value).replace("inf", INFINITY)
    if value is ...:
        return "..."
    return ("u" if node.kind == "u" else "") + repr(value)


def write_fields(node, level):
    return ast.unparse(node)  # text with fields; nothing around it changes how it is written


def write_binary(node, level):
    sign, own, left, right = BINARY[type(node.op)]
    return in_parentheses(write(node.left, left) + sign + write(node.right, right), level > own)


def write_unary(node, level):
    sign, own = UNARY[type(node.op)]
    return in_parentheses(sign + write(node.operand, own), level > own)


def write_boolean(node, level):
    sign, own = BOOLEAN[type(node.op)]
    # Each value binds tighter than the one before it: so does ast.unparse.
    text = sign.join([write(value, min(own + place, ATOM)) for place, value in enumerate(node.values, 1)])
    return in_parentheses(text, level > own)


def write_comparison(node, level):
    text = write(node.left, BIT_OR) + "".join([COMPARISONS[type(sign)] + write(value, BIT_OR)
                                               for sign, value in zip(node.ops, node.comparators)])
    return in_parentheses(text, level > COMPARE)


def write_choice(node, level):
    text = f"{write(node.body, OR)} if {write(node.test, OR)} else {write(node.orelse)}"
    return in_parentheses(text, level > TEST)


def write_attribute(node, level):
    space = " " if type(node.value) is ast.Constant and isinstance(node.value.value, int) else ""
    return f"{write(node.value, ATOM)}{space}.{node.attr}"


def write_subscript(node, level):
    key = node.slice
    inside = write_items(key.elts) if type(key) is ast.Tuple and key.elts else write(key)
    return f"{write(node.value, ATOM)}[{inside}]"


def write_slice(node, level):
    text = (write(node.lower) if node.lower else "") + ":" + (write(node.upper) if node.upper else "")
    return f"{text}:{write(node.step)}" if node.step else text


def write_call(node, level):
    given = [write(value) for value in node.args]
    given += [write_keyword(keyword) for keyword in node.keywords]
    return f"{write(node.func, ATOM)}({', '.join(given)})"


def write_keyword(node):
    return f"**{write(node.value)}" if node.arg is None else f"{node.arg}={write(node.value)}"


def write_starred(node, level):
    return "*" + write(node.value, BIT_OR)


def write_items(items):
    return write(items[0]) + "," if len(items) == 1 else ", ".join([write(item) for item in items])


def write_tuple(node, level):
    return in_parentheses(write_items(node.elts) if node.elts else "", not node.elts or level > TUPLE)


def write_list(node, level):
    return f"[{', '.join([write(item) for item in node.elts])}]"


def write_set(node, level):
    return f"{{{', '.join([write(item) for item in node.elts])}}}"


def write_dict(node, level):
    pairs = [f"**{write(value, BIT_OR)}" if key is None else f"{write(key)}: {write(value)}"
             for key, value in zip(node.keys, node.values)]
    return f"{{{', '.join(pairs)}}}"


def write_loops(generators):
    text = ""
    for loop in generators:
        text += f"{' async' if loop.is_async else ''} for {write(loop.target, TUPLE)} in {write(loop.iter, OR)}"
        text += "".join([f" if {write(test, OR)}" for test in loop.ifs])
    return text


def write_list_loop(node, level):
    return f"[{write(node.elt)}{write_loops(node.generators)}]"


def write_set_loop(node, level):
    return f"{{{write(node.elt)}{write_loops(node.generators)}}}"


def write_generator(node, level):
    return f"({write(node.elt)}{write_loops(node.generators)})"


def write_dict_loop(node, level):
    return f"{{{write(node.key)}: {write(node.value)}{write_loops(node.generators)}}}"


def write_lambda(node, level):
    parameters = write_parameters(node.args)
    return in_parentheses(f"lambda{' ' if parameters else ''}{parameters}: {write(node.body)}", level > TEST)


EXPRESSIONS = {
    ast.Name: write_name, ast.Constant: write_constant, ast.JoinedStr: write_fields, ast.BinOp: write_binary,
    ast.UnaryOp: write_unary, ast.BoolOp: write_boolean, ast.Compare: write_comparison, ast.IfExp: write_choice,
    ast.Attribute: write_attribute, ast.Subscript: write_subscript, ast.Slice: write_slice, ast.Call: write_call,
    ast.Starred: write_starred, ast.Tuple: write_tuple, ast.List: write_list, ast.Set: write_set, ast.Dict: write_dict,
    ast.ListComp: write_list_loop, ast.SetComp: write_set_loop, ast.GeneratorExp: write_generator,
    ast.DictComp: write_dict_loop, ast.Lambda: write_lambda}


def write_parameters(node):
    """Returns a list of parameters, whose annotations are gone."""
    plain = node.posonlyargs + node.args
    texts = [parameter.arg for parameter in plain]
    for place, value in enumerate(node.defaults, len(plain) - len(node.defaults)):
        texts[place] += "=" + write(value)
    if node.posonlyargs:
        texts[len(node.posonlyargs) - 1] += ", /"
    if node.vararg or node.kwonlyargs:
        texts.append("*" + (node.vararg.arg if node.vararg else ""))
    for parameter, value in zip(node.kwonlyargs, node.kw_defaults):
        texts.append(parameter.arg + ("=" + write(value) if value else ""))
    if node.kwarg:
        texts.append("**" + node.kwarg.arg)
    return ", ".join(texts)


# ---- statements: each adds its lines ----

def write_body(body, indent, lines, may_begin_with_text=False):
    """Writes statements. Text at the start of a scope would be a docstring, which is written in its own way."""
    first = body[0] if body else None
    if may_begin_with_text and type(first) is ast.Expr and type(first.value) is ast.Constant \
            and type(first.value.value) is str:
        raise Unknown
    for node in body:
        STATEMENTS[type(node)](node, indent, lines)


def write_block(head, body, indent, lines, is_scope=False):
    lines.append(f"{indent}{head}:")
    write_body(body, indent + "    ", lines, is_scope)


def write_expression(node, indent, lines):
    lines.append(indent + write(node.value, YIELD))


def write_assignment(node, indent, lines):
    targets = "".join([write(target, TUPLE) + " = " for target in node.targets])
    lines.append(indent + targets + write(node.value))


def write_step(node, indent, lines):
    lines.append(f"{indent}{write(node.target)}{BINARY[type(node.op)][0].rstrip()}= {write(node.value)}")


def write_return(node, indent, lines):
    lines.append(f"{indent}return {write(node.value)}" if node.value else indent + "return")


def write_word(node, indent, lines):
    lines.append(indent + type(node).__name__.lower())


def write_names(node, indent, lines):
    lines.append(f"{indent}{type(node).__name__.lower()} {', '.join(node.names)}")


def write_delete(node, indent, lines):
    lines.append(f"{indent}del {', '.join([write(target) for target in node.targets])}")


def write_assertion(node, indent, lines):
    lines.append(f"{indent}assert {write(node.test)}" + (f", {write(node.msg)}" if node.msg else ""))


def write_raise(node, indent, lines):
    text = f" {write(node.exc)}" if node.exc else ""
    lines.append(f"{indent}raise{text}" + (f" from {write(node.cause)}" if node.cause else ""))


def imported_names(node):
    return ", ".join([name.name + (f" as {name.asname}" if name.asname else "") for name in node.names])


def write_import(node, indent, lines):
    lines.append(f"{indent}import {imported_names(node)}")


def write_import_from(node, indent, lines):
    lines.append(f"{indent}from {'.' * (node.level or 0)}{node.module or ''} import {imported_names(node)}")


def write_if(node, indent, lines):
    word = "if"
    while True:
        write_block(f"{word} {write(node.test)}", node.body, indent, lines)
        if len(node.orelse) != 1 or type(node.orelse[0]) is not ast.If:
            break
        word, node = "elif", node.orelse[0]
    write_else(node, indent, lines)


def write_else(node, indent, lines):
    if node.orelse:
        write_block("else", node.orelse, indent, lines)


def write_for(node, indent, lines):
    write_block(f"for {write(node.target, TUPLE)} in {write(node.iter)}", node.body, indent, lines)
    write_else(node, indent, lines)


def write_while(node, indent, lines):
    write_block(f"while {write(node.test)}", node.body, indent, lines)
    write_else(node, indent, lines)


def write_try(node, indent, lines):
    write_block("try", node.body, indent, lines)
    for handler in node.handlers:
        head = f"except {write(handler.type)}" if handler.type else "except"
        write_block(head + (f" as {handler.name}" if handler.name else ""), handler.body, indent, lines)
    write_else(node, indent, lines)
    if node.finalbody:
        write_block("finally", node.finalbody, indent, lines)


def write_scope(head, node, indent, lines):
    if lines:
        lines.append("")
    lines.extend([f"{indent}@{write(decorator)}" for decorator in node.decorator_list])
    write_block(head, node.body, indent, lines, True)


def write_function(node, indent, lines):
    write_scope(f"def {node.name}({write_parameters(node.args)})", node, indent, lines)


def write_class(node, indent, lines):
    parents = [write(base) for base in node.bases] + [write_keyword(keyword) for keyword in node.keywords]
    write_scope(f"class {node.name}" + (f"({', '.join(parents)})" if parents else ""), node, indent, lines)


STATEMENTS = {
    ast.Expr: write_expression, ast.Assign: write_assignment, ast.AugAssign: write_step, ast.Return: write_return,
    ast.Pass: write_word, ast.Break: write_word, ast.Continue: write_word, ast.Global: write_names,
    ast.Nonlocal: write_names, ast.Delete: write_delete, ast.Assert: write_assertion, ast.Raise: write_raise,
    ast.Import: write_import, ast.ImportFrom: write_import_from, ast.If: write_if, ast.For: write_for,
    ast.While: write_while, ast.Try: write_try, ast.FunctionDef: write_function, ast.ClassDef: write_class}
