# expect: memory_limit,cpu_time_limit
from fractions import Fraction
x = Fraction(1, 3)
while True:
    x = x * x + Fraction(1, x.denominator + 1)
