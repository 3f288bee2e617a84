# expect: ok None
output = None
