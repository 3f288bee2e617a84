# Facts about a program, from CPython's own parser: what the rules of the filter and the search for duplicates need.
# Runs inside the sandboxed child, before the program itself, as hostile source must not hurt anything else. It only looks
# at the syntax tree and never runs a line of the program.
#
# Two texts say what a program does: the normal form (layout, comments, docstrings, annotations and the choice of local
# names removed; literals kept) and the structure (literals and the order of the inputs removed as well), so that two
# programs doing the same steps with other names and other numbers have the same structure.

import ast

import caco_input_use as input_use
import caco_written_form as written_form

# Above this size a program gets its lines and imports only: walking a large tree costs more than running it.
MAX_FULL_FACTS_BYTES = 64 * 1024

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
WITH_DOCSTRING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
KEPT_NAMES = frozenset(["input", "output", "__name__", "self", "cls"])

# Walking asks a node's type once and looks the rest up here, as facts are made for each program.
TYPES = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
# Fields that never hold nodes, or only those that say nothing by themselves (operators, contexts).
NO_NODES = frozenset(["ctx", "op", "ops", "id", "attr", "arg", "name", "asname", "module", "level", "type_comment", "kind",
                      "conversion", "simple", "is_async", "rest", "kwd_attrs", "tag", "lineno"])
CHILDREN = {kind: tuple(field for field in kind._fields if field not in NO_NODES) for kind in TYPES}
for kind in (ast.Constant, ast.Global, ast.Nonlocal):
    CHILDREN[kind] = ()
# The order in which the steps meet names: bodies before parameter lists, values before targets.
STEPS = dict(CHILDREN)
STEPS.update({kind: ("decorator_list", "body", "args") for kind in FUNCTIONS})
STEPS.update({kind: ("generators", "elt") for kind in COMPREHENSIONS})
STEPS.update({ast.Assign: ("value", "targets"), ast.AugAssign: ("value", "target")})
# Where a node has the identifier that it binds or, for a name, reads.
IDENTIFIER = {ast.Name: "id", ast.arg: "arg"}
IDENTIFIER.update({kind: "name" for kind in (*SCOPES, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)})
KIND_NAME = {kind: kind.__name__ for kind in TYPES}
CONTEXTS = tuple(ast.expr_context.__subclasses__())
OPERATORS = frozenset(kind for base in (ast.operator, ast.unaryop, ast.boolop, ast.cmpop) for kind in base.__subclasses__())


def parse(text):
    """Returns the tree of `text`; raises what CPython's parser raises."""
    return ast.parse(text, "<program>")


class Nodes:
    """All nodes below one, itself included, by type, but for operators and contexts; and the parent of each."""

    def __init__(self, top):
        self.by_kind = by_kind = {}
        self.parents = parents = {}
        self.functions = {}
        self.inner = {}
        nodes = [top]
        add = nodes.append
        for node in nodes:
            kind = type(node)
            if kind in by_kind:
                by_kind[kind].append(node)
            else:
                by_kind[kind] = [node]
            for field in CHILDREN[kind]:
                value = getattr(node, field)
                if type(value) is list:
                    for child in value:
                        if child is not None:
                            add(child)
                            parents[child] = node
                elif value is not None:
                    add(value)
                    parents[value] = node
            if kind in FUNCTIONS:
                self.functions[node.name] = node
        self.names = by_kind.get(ast.Name, ())
        self.read = None

    def of(self, *kinds):
        return [node for kind in kinds for node in self.by_kind.get(kind, ())]

    def names_read(self):
        if self.read is None:
            self.read = {node.id for node in self.names if type(node.ctx) is ast.Load}
        return self.read

    def inside(self, function):
        """Returns the nodes of a function."""
        if function not in self.inner:
            self.inner[function] = Nodes(function)
        return self.inner[function]


def is_docstring(statement):
    return (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str))


def effective_lines(text, nodes):
    """Returns how many lines are not blank, not comment, not import and not docstring."""
    lines = {number for number, line in enumerate(text.split("\n"), 1)
             if line.strip() and not line.lstrip().startswith("#")}
    for node in nodes.of(*IMPORTS):
        lines.difference_update(range(node.lineno, node.end_lineno + 1))
    for node in nodes.of(*WITH_DOCSTRING):
        if node.body and is_docstring(node.body[0]):
            lines.difference_update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def imported_modules(nodes):
    """Returns the top-level names of imported modules, sorted."""
    names = {alias.name.partition(".")[0] for node in nodes.of(ast.Import) for alias in node.names}
    names.update("." if node.level else (node.module or "").partition(".")[0] for node in nodes.of(ast.ImportFrom))
    return sorted(names)


# ---- normal form and structure ----

def bound_names(nodes):
    """Returns all identifiers that the program itself binds."""
    names = {node.id for node in nodes.names if type(node.ctx) is not ast.Load}
    names.update(node.arg for node in nodes.of(ast.arg))
    names.update(node.name for node in nodes.of(*SCOPES))
    names.update(node.name for node in nodes.of(ast.ExceptHandler, ast.MatchAs, ast.MatchStar) if node.name)
    return names


def names_in_order(tree):
    """Returns identifiers in the order in which the steps meet them, so that the order of parameters does not matter to the
    structure."""
    names = []
    stack = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in IDENTIFIER:
            name = getattr(node, IDENTIFIER[kind])
            if name:
                names.append(name)
        for field in reversed(STEPS[kind]):
            value = getattr(node, field)
            if type(value) is list:
                stack.extend([child for child in reversed(value) if child is not None])
            elif value is not None:
                stack.append(value)
    return names


def rename_key(node, names):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node.value = names.get(node.value, node.value)


def drop_docstring(node):
    if node.body and is_docstring(node.body[0]):
        del node.body[0]
        if not node.body:
            node.body.append(ast.Pass())


def rename_all(nodes, names):
    """Renames what the nodes bind or read; drops docstrings and annotations. Annotated assignments become plain ones in
    place, which saves rebuilding the tree."""
    for node in nodes.names:
        node.id = names.get(node.id, node.id)
    for node in nodes.of(ast.arg):
        node.arg = names.get(node.arg, node.arg)
        node.annotation = None
    for node in nodes.of(ast.keyword):
        node.arg = names.get(node.arg, node.arg)
    for node in nodes.of(*SCOPES):
        node.name = names.get(node.name, node.name)
        node.returns = None
        drop_docstring(node)
    for node in nodes.of(ast.ExceptHandler, ast.MatchAs, ast.MatchStar):
        node.name = names.get(node.name, node.name)
    for node in nodes.of(ast.Global, ast.Nonlocal):
        node.names = [names.get(name, name) for name in node.names]
    for node in nodes.of(ast.Subscript):
        if isinstance(node.value, ast.Name) and node.value.id == "input":
            rename_key(node.slice, names)
    for node in nodes.of(ast.AnnAssign):
        node.__class__ = ast.Pass if node.value is None else ast.Assign
        node.targets = [node.target]


def make_canonical(tree, nodes, input_value):
    """Changes `tree` into its normal form: what it binds is called v0, v1, ..."""
    bound = bound_names(nodes)
    if isinstance(input_value, ast.Dict):
        bound.update(key.value for key in input_value.keys
                     if isinstance(key, ast.Constant) and isinstance(key.value, str))
    elif input_use.is_dict_call(input_value):
        bound.update(keyword.arg for keyword in input_value.keywords if keyword.arg)
    bound -= KEPT_NAMES
    names = {}
    for name in names_in_order(tree):
        if name in bound and name not in names:
            names[name] = f"v{len(names)}"
    for name in sorted(bound - names.keys()):
        names[name] = f"v{len(names)}"
    if isinstance(input_value, ast.Dict):
        for key in input_value.keys:
            rename_key(key, names)
    rename_all(nodes, names)
    drop_docstring(tree)


def literal_kind(node):
    """Returns a stand-in for a literal (also a signed number or a display of literals), or None."""
    if isinstance(node, ast.Constant):
        value = node.value
        if value is None or isinstance(value, bool) or value is ...:
            return repr(value)
        return "0" if isinstance(value, (int, float, complex)) else "''"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return "0" if literal_kind(node.operand) == "0" else None
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return "[]" if node.elts and all(map(literal_kind, node.elts)) else None
    if isinstance(node, ast.Dict):
        return "{}" if node.keys and all(key and literal_kind(key) for key in node.keys) \
            and all(map(literal_kind, node.values)) else None
    return None


LITERALS = frozenset([ast.Constant, ast.UnaryOp, ast.List, ast.Tuple, ast.Set, ast.Dict])


def structure_of(node):
    """Returns a compact text of a canonical tree without its literals and imports. The keys of an `input` are sorted, as
    are the parameters of a function, because their order is no step."""
    kind = type(node)
    if kind is ast.Name:
        return node.id
    if kind in OPERATORS:
        return f"({KIND_NAME[kind]})"
    if kind in LITERALS:
        literal = literal_kind(node)
        if literal is not None:
            return literal
    if isinstance(node, ast.arguments):
        return "(" + ",".join(sorted(arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg))) + ")"
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and len(node.targets) == 1 \
            and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "input":
        pairs = [(key.value if isinstance(key, ast.Constant) else structure_of(key) if key else "**",
                  structure_of(value)) for key, value in zip(node.value.keys, node.value.values)]
        return "input{" + ",".join(sorted(f"{key}:{value}" for key, value in pairs)) + "}"
    parts = [KIND_NAME[kind]]
    for field in kind._fields:
        value = getattr(node, field, None)
        if type(value) is list:
            parts.append("[" + ",".join([structure_of(item) if isinstance(item, ast.AST) else str(item)
                                         for item in value if not isinstance(item, IMPORTS)]) + "]")
        elif isinstance(value, ast.AST):
            if type(value) not in CONTEXTS:
                parts.append(structure_of(value))
        elif value is not None:
            parts.append(str(value))
    return "(" + " ".join(parts) + ")"


def printable(name):
    """Returns a name that every reader takes: halves of characters become escapes."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def facts_of(text, tree):
    """Returns the facts of a parsed program as a dict; `tree` is used up."""
    nodes = Nodes(tree)
    facts = {"effective_lines": effective_lines(text, nodes), "input_names": [], "unused_inputs": [],
             "imports": imported_modules(nodes), "normal_form": "", "structure": ""}
    if len(text) > MAX_FULL_FACTS_BYTES:
        return facts
    input_value = input_use.find_input_value(tree)
    names = input_use.input_names_of(input_value)
    facts["input_names"] = [printable(name) for name in names]
    facts["unused_inputs"] = [printable(name) for name in input_use.InputUse(nodes, names).unused()]
    make_canonical(tree, nodes, input_value)
    facts["normal_form"] = written_form.written(tree)
    facts["structure"] = structure_of(tree)
    return facts
