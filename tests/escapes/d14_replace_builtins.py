# expect: ok [1, 2]
import builtins, json, os, struct, sys
output = [1, 2]
sys.stdout = None
json.dumps = json.encoder.encode_basestring_ascii = struct.pack = os.write = None
for name in ("print", "len", "type", "isinstance", "id", "str", "int", "list", "dict", "repr", "sorted", "getattr", "exec", "BaseException", "MemoryError", "bytes", "memoryview"):
    setattr(builtins, name, lambda *a, **k: 7)
