# expect: cpu_time_limit
import sympy
x = sympy.Symbol("x")
output = sympy.integrate(sympy.exp(sympy.sin(x ** 3 + x)) * sympy.log(x ** 2 + sympy.cos(x)) / (x ** 5 + x + 1), x)
