# expect: cpu_time_limit
import sympy
output = sympy.factorint((2 ** 127 - 1) * (2 ** 521 - 1) * (2 ** 89 - 1) * (10 ** 60 + 7))
