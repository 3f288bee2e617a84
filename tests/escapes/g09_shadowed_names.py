# expect: ok 3
json = print = list = str = len = __builtins__ = None
__name__ = "other"
output = 3
