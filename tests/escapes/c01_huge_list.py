# expect: memory_limit
output = [0] * 10 ** 10
