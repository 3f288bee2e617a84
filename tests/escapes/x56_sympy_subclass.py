# expect: unserializable
import sympy

class Evil(sympy.Symbol):
    def __str__(self):
        while True:
            pass

    _sympystr = _sympyrepr = __repr__ = __str__

output = Evil("x")
