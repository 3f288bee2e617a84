# expect: cpu_time_limit
while True:
    pass
