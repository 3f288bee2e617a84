# expect: signaled,error_raised
import types

def f():
    return 1

code = f.__code__
f.__code__ = code.replace(co_code=bytes([100, 200, 1, 0] * 20), co_stacksize=1)
output = f()
