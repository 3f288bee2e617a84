# expect: memory_limit
output = f"{1:>{10 ** 10}}"
