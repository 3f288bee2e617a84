# expect: exited,protocol
# The code that writes the result shares the address space: a program can spoil its own result, and no more.
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("caco_"):
        for entry in list(vars(module)):
            if callable(vars(module)[entry]):
                setattr(module, entry, lambda *arguments: None)
output = 42
