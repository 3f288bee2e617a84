# expect: memory_limit,cpu_time_limit
output = [[number] for number in range(10 ** 8)]
