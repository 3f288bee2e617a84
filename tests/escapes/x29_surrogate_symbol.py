# expect: ok
import sympy
output = sympy.Symbol("\ud800")
