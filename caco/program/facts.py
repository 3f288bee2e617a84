# Facts about a program, from CPython's own parser: what the rules of the filter and the search for duplicates need.
# Runs inside the sandboxed child, before the program itself, as hostile source must not hurt anything else. It only looks
# at the syntax tree and never runs a line of the program.
#
# Two texts say what a program does: the normal form (layout, comments, docstrings, annotations and the choice of local
# names removed; literals kept) and the structure (literals and the order of the inputs removed as well), so that two
# programs doing the same steps with other names and other numbers have the same structure.

import ast

# Above this size a program gets its lines and imports only: walking a large tree costs more than running it.
MAX_FULL_FACTS_BYTES = 64 * 1024

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
WITH_DOCSTRING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
KEPT_NAMES = frozenset(["input", "output", "__name__", "self", "cls"])


def parse(text):
    """Returns the tree of `text`; raises what CPython's parser raises."""
    return ast.parse(text, "<program>")


def walk(tree):
    """Returns all nodes and the parent of each."""
    nodes = [tree]
    parents = {}
    for node in nodes:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.expr_context):
                nodes.append(child)
                parents[child] = node
    return nodes, parents


def is_docstring(statement):
    return (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str))


def effective_lines(text, nodes):
    """Returns how many lines are not blank, not comment, not import and not docstring."""
    lines = {number for number, line in enumerate(text.split("\n"), 1)
             if line.strip() and not line.lstrip().startswith("#")}
    for node in nodes:
        if isinstance(node, IMPORTS):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
        elif isinstance(node, WITH_DOCSTRING) and node.body and is_docstring(node.body[0]):
            lines.difference_update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def imported_modules(nodes):
    """Returns the top-level names of imported modules, sorted."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." if node.level else (node.module or "").partition(".")[0])
    return sorted(names)


# ---- which inputs are used ----

def find_input_value(tree):
    """Returns the value node of the last top-level assignment to `input`, or None."""
    value = None
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == "input" for target in statement.targets):
                value = statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            if isinstance(statement.target, ast.Name) and statement.target.id == "input":
                value = statement.value
    return value


def is_dict_call(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args


def input_names_of(value):
    """Returns the keys of an `input` written as a dict display or as dict(...), in order."""
    if isinstance(value, ast.Dict):
        names = [key.value if isinstance(key.value, str) else repr(key.value)
                 for key in value.keys if isinstance(key, ast.Constant)]
    elif is_dict_call(value):
        names = [keyword.arg for keyword in value.keywords if keyword.arg is not None]
    else:
        names = []
    return list(dict.fromkeys(names))


def loaded_names(nodes):
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def key_of(node):
    """Returns the constant key of a subscript, or None."""
    return node.slice.value if isinstance(node.slice, ast.Constant) else None


class InputUse:
    """Collects which keys of `input` are read. A dict that is passed around as a whole counts by what its receiver reads;
    where that cannot be seen, all keys count as read."""

    def __init__(self, nodes, parents, names):
        self.nodes = nodes
        self.parents = parents
        self.names = names
        self.used = set()
        self.functions = {node.name: node for node in nodes if isinstance(node, FUNCTIONS)}
        self.seen = set()

    def unused(self):
        if self.names:
            self.follow(self.nodes, "input")
        return [name for name in self.names if name not in self.used]

    def follow(self, nodes, variable):
        """Looks at all that the nodes of one scope do with the dict named `variable`."""
        if (id(nodes[0]), variable) in self.seen:
            return
        self.seen.add((id(nodes[0]), variable))
        for node in nodes:
            if isinstance(node, ast.Name) and node.id == variable and isinstance(node.ctx, ast.Load):
                self.one_load(nodes, node)

    def one_load(self, nodes, node):
        parent = self.parents.get(node)
        if isinstance(parent, ast.Subscript) and parent.value is node:
            self.one_key(nodes, key_of(parent), parent)
        elif isinstance(parent, ast.Attribute) and parent.attr in ("get", "pop"):
            call = self.parents.get(parent)
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                self.one_key(nodes, call.args[0].value, call)
            else:
                self.used.update(self.names)
        elif isinstance(parent, ast.keyword) and parent.arg is None:
            self.expanded(self.parents.get(parent))
        elif isinstance(parent, ast.Call) and node in parent.args:
            self.passed(parent, parent.args.index(node))
        elif isinstance(parent, ast.Compare):
            pass
        else:
            self.used.update(self.names)

    def one_key(self, nodes, key, node):
        """A key that is only given a name is used when that name is read."""
        if key is None:
            self.used.update(self.names)
            return
        parent = self.parents.get(node)
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
            if parent.targets[0].id not in loaded_names(nodes) | {"output"}:
                return
        self.used.add(key)

    def expanded(self, call):
        """f(**input): a key is used when the parameter of its name is read."""
        callee = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
        function = self.functions.get(callee)
        if function is None:
            self.used.update(self.names)
            return
        parameters = function.args
        named = {arg.arg for arg in parameters.posonlyargs + parameters.args + parameters.kwonlyargs}
        inner = list(ast.walk(function))
        read = loaded_names(inner)
        self.used.update(name for name in self.names if name in named and name in read)
        if parameters.kwarg is not None:
            self.follow(inner, parameters.kwarg.arg)

    def passed(self, call, position):
        """f(input): follows the parameter that receives the dict."""
        callee = call.func.id if isinstance(call.func, ast.Name) else None
        if callee in ("print", "len", "type", "isinstance", "repr", "str"):
            return
        function = self.functions.get(callee)
        parameters = [] if function is None else function.args.posonlyargs + function.args.args
        if position < len(parameters):
            self.follow(list(ast.walk(function)), parameters[position].arg)
        else:
            self.used.update(self.names)


# ---- normal form and structure ----

def bound_names(nodes):
    """Returns all identifiers that the program itself binds."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, SCOPES):
            names.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
    return names


def names_in_order(tree):
    """Yields identifiers in the order in which the steps meet them: bodies before parameter lists, so that the order
    of parameters does not matter to the structure."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, SCOPES):
            yield node.name
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        if isinstance(node, FUNCTIONS):
            children = [*node.decorator_list, *node.body, node.args]
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            children = [node.value, *targets]
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            children = [*node.generators, node.elt]
        else:
            children = list(ast.iter_child_nodes(node))
        children.reverse()
        stack.extend(children)


def rename_key(node, names):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node.value = names.get(node.value, node.value)


def drop_docstring(node):
    if node.body and is_docstring(node.body[0]):
        del node.body[0]
        if not node.body:
            node.body.append(ast.Pass())


def rename(node, names):
    """Renames what one node binds or reads; drops its docstring and annotations. Annotated assignments become plain ones
    in place, which saves rebuilding the tree."""
    if isinstance(node, ast.Name):
        node.id = names.get(node.id, node.id)
    elif isinstance(node, ast.arg):
        node.arg = names.get(node.arg, node.arg)
        node.annotation = None
    elif isinstance(node, ast.keyword):
        node.arg = names.get(node.arg, node.arg)
    elif isinstance(node, SCOPES):
        node.name = names.get(node.name, node.name)
        node.returns = None
        drop_docstring(node)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        node.name = names.get(node.name, node.name)
    elif isinstance(node, (ast.Global, ast.Nonlocal)):
        node.names = [names.get(name, name) for name in node.names]
    elif isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Name) and node.value.id == "input":
            rename_key(node.slice, names)
    elif isinstance(node, ast.AnnAssign):
        node.__class__ = ast.Pass if node.value is None else ast.Assign
        node.targets = [node.target]


def make_canonical(tree, nodes, input_value):
    """Changes `tree` into its normal form: what it binds is called v0, v1, ..."""
    bound = bound_names(nodes)
    if isinstance(input_value, ast.Dict):
        bound.update(key.value for key in input_value.keys
                     if isinstance(key, ast.Constant) and isinstance(key.value, str))
    elif is_dict_call(input_value):
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
    for node in nodes:
        rename(node, names)
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


def structure_of(node):
    """Returns a compact text of a canonical tree without its literals and imports. The keys of an `input` are sorted, as
    are the parameters of a function, because their order is no step."""
    kind = literal_kind(node)
    if kind is not None:
        return kind
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.arguments):
        return "(" + ",".join(sorted(arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg))) + ")"
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and len(node.targets) == 1 \
            and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "input":
        pairs = [(key.value if isinstance(key, ast.Constant) else structure_of(key) if key else "**",
                  structure_of(value)) for key, value in zip(node.value.keys, node.value.values)]
        return "input{" + ",".join(sorted(f"{key}:{value}" for key, value in pairs)) + "}"
    parts = [type(node).__name__]
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            parts.append("[" + ",".join(structure_of(item) if isinstance(item, ast.AST) else str(item)
                                        for item in value if not isinstance(item, IMPORTS)) + "]")
        elif isinstance(value, ast.AST):
            if not isinstance(value, ast.expr_context):
                parts.append(structure_of(value))
        elif value is not None:
            parts.append(str(value))
    return "(" + " ".join(parts) + ")"


def printable(name):
    """Returns a name that every reader takes: halves of characters become escapes."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def facts_of(text, tree):
    """Returns the facts of a parsed program as a dict; `tree` is used up."""
    nodes, parents = walk(tree)
    facts = {"effective_lines": effective_lines(text, nodes), "input_names": [], "unused_inputs": [],
             "imports": imported_modules(nodes), "normal_form": "", "structure": ""}
    if len(text) > MAX_FULL_FACTS_BYTES:
        return facts
    input_value = find_input_value(tree)
    names = input_names_of(input_value)
    facts["input_names"] = [printable(name) for name in names]
    facts["unused_inputs"] = [printable(name) for name in InputUse(nodes, parents, names).unused()]
    make_canonical(tree, nodes, input_value)
    facts["normal_form"] = ast.unparse(tree)
    facts["structure"] = structure_of(tree)
    return facts
