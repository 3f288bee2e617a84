# expect: cpu_time_limit
step = 2 ** 61 - 1
output = len({i * step for i in range(200_000)})
