# expect: too_large,unserializable
from fractions import Fraction
output = Fraction(1, 3)
output._numerator = 10 ** 100_000
