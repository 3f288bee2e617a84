# expect: too_large,cpu_time_limit
import sympy
output = sympy.Add(*[sympy.Symbol(f"x{i}") for i in range(20_000)], evaluate=False)
