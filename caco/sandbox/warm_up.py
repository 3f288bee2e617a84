# Programs of our own that a zygote runs before it serves, so that forked children find their pages and caches ready: code
# paths specialised, method caches filled, modules loaded. They touch what generated programs use most. Random numbers are
# seeded after them.

import builtins

STANDARD = ('''def solve(trays, rolls, names):
    """Counts."""
    total = trays * rolls / 3
    for index, name in enumerate(sorted(names)):
        total += index ** 2 if name else -1
    parts = {key: [value, (1.5, str(value))] for key, value in zip(names, range(3))}
    text = ", ".join(f"{key}={value}" for key, value in parts.items())
    return [round(total, 2), parts, text, None, True, {1, 2}]

input = {"trays": 4, "rolls": 6, "names": ["a", "b"]}
output = solve(**input)
assert len(output) == 6
''', '''import math
from fractions import Fraction
from decimal import Decimal
import datetime
import itertools
def f(n):
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
    return n
input = {"n": 7}
output = [f(**input), Fraction(1, 3), Decimal("1.5"), datetime.date(2024, 1, 2), math.gcd(4, 6), 10 ** 30]
raise ValueError("done")
''', "x = (", '''class Point:
    def __init__(self, x):
        self.x = x
output = Point(1)
''')

NUMPY = ('''import numpy as np
input = {"rows": [[1, 2], [3, 4]]}
matrix = np.array(input["rows"], dtype=float)
output = [np.linalg.det(matrix), matrix @ matrix, np.mean(matrix), np.arange(5).sum(), np.linalg.solve(matrix, [1, 2])]
''',)

SYMPY = ('''import sympy
from sympy import Eq, Rational, Symbol, expand, factor, simplify, solve, sqrt, symbols
x, y = symbols("x y")
input = {"a": 5, "b": 6}
roots = solve(x ** 2 - input["a"] * x + input["b"], x)
pair = solve([Eq(x + y, 10), Eq(x - y, 2)], [x, y])
output = [roots, pair, simplify((x ** 2 - 1) / (x - 1)), factor(x ** 2 - 1), expand((x + 1) ** 3), Rational(1, 3) + 2,
          sqrt(8), sympy.diff(x ** 3, x), sympy.integrate(x ** 2, (x, 0, 1)), sympy.Matrix([[1, 2], [3, 4]]).det(),
          sympy.factorint(60), sympy.isprime(97), sympy.gcd(12, 18), sympy.binomial(5, 2)]
''',)


def run(child, programs, rounds):
    """Runs each program `rounds` times through the steps of a child, but for writing."""
    for _ in range(rounds):
        for text in programs:
            for wants_facts in (True, False):
                try:
                    code, _ = child.examine(text, wants_facts)
                except SyntaxError as error:
                    child.describe_error("compile", error)
                    continue
                scope = {"__builtins__": builtins, "__name__": "__main__"}
                if child.execute(code, scope, None, int) is None:
                    child.result_of(scope, 10000, 1000)
