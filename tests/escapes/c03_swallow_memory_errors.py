# expect: cpu_time_limit
kept = []
while True:
    try:
        kept.append(bytearray(10_000_000))
    except MemoryError:
        pass
