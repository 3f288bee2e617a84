# expect: ok 1
import decimal, math, random, sys
math.pi = 3
decimal.getcontext().prec = 1
random.random = lambda: 4
sys.setrecursionlimit(50)
output = 1
