# expect: ok {'a': 1, 2: 'b', None: True}
# Plain values are written by a few functions of their own; nothing that a program can replace by name is asked there.
import _json, builtins, json, sys
_json.encode_basestring_ascii = json.encoder.encode_basestring_ascii = lambda text: '"forged"'
for name in ("bool", "dict", "float", "int", "len", "list", "str", "type"):
    setattr(builtins, name, lambda *arguments: 13)
sys.modules["caco_plain_values"] = sys.modules["caco_encode"] = sys.modules["_json"] = None
output = {"a": 1, 2: "b", None: True}
