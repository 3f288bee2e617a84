# Which inputs a program has, and which of them its code reads: a part of the facts (facts.py). It only looks at the syntax
# tree, of which facts.py hands it the nodes.

import ast


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


def key_of(node):
    """Returns the constant key of a subscript, or None."""
    return node.slice.value if isinstance(node.slice, ast.Constant) else None


class InputUse:
    """Collects which keys of `input` are read. A dict that is passed around as a whole counts by what its receiver reads;
    where that cannot be seen, all keys count as read."""

    def __init__(self, nodes, names):
        self.nodes = nodes
        self.parents = nodes.parents
        self.names = names
        self.used = set()
        self.functions = nodes.functions
        self.seen = set()

    def unused(self):
        if self.names:
            self.follow(self.nodes, "input")
        return [name for name in self.names if name not in self.used]

    def follow(self, nodes, variable):
        """Looks at all that the nodes of one scope do with the dict named `variable`."""
        if (nodes, variable) in self.seen:
            return
        self.seen.add((nodes, variable))
        for node in nodes.names:
            if node.id == variable and type(node.ctx) is ast.Load:
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
            name = parent.targets[0].id
            if name != "output" and name not in nodes.names_read():
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
        inner = self.nodes.inside(function)
        read = inner.names_read()
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
            self.follow(self.nodes.inside(function), parameters[position].arg)
        else:
            self.used.update(self.names)
