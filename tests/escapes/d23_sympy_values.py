# expect: ok [3, 1/3, x**2 + 1, Matrix([[1, 2]]), Eq(x, 1), oo, zoo, nan, {x}, (x, 1)]
import sympy
x = sympy.Symbol("x")
output = [sympy.Integer(3), sympy.Rational(1, 3), x ** 2 + 1, sympy.Matrix([[1, 2]]), sympy.Eq(x, 1), sympy.oo, sympy.zoo,
          sympy.nan, {x}, sympy.Tuple(x, 1)]
