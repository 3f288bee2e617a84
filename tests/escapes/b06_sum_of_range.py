# expect: cpu_time_limit
output = sum(range(10 ** 13))
