# expect: ok 1
# The next program must find none of this.
import builtins, decimal, gc, locale, math, sys, warnings
sys.setswitchinterval(1000)
sys.setdlopenflags(0)
gc.disable()
gc.set_threshold(1)
math.pi = 3
builtins.sum = builtins.len = lambda *a: 13
decimal.getcontext().prec = 3
sys.path[:] = []
sys.modules["math"] = None
warnings.simplefilter("error")
output = 1
