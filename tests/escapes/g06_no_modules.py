# expect: ok 1
import builtins, sys
sys.modules.clear()
del builtins.__import__
output = 1
