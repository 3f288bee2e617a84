# expect: ok 1
import sys
frame = sys._getframe()
while frame:
    for name in list(frame.f_locals):
        if name not in ("__builtins__",) and frame.f_code.co_name == "<module>" and frame.f_back is None:
            frame.f_locals[name] = None
    frame = frame.f_back
output = 1
