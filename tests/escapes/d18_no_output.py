# expect: no_output
result = 1
