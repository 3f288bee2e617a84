# expect: cpu_time_limit
output = 9 ** 9 ** 9
