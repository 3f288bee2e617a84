# expect: memory_limit,cpu_time_limit
output = 2 ** 10 ** 10
