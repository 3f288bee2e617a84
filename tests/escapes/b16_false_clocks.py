# expect: cpu_time_limit
import time
time.time = time.monotonic = time.process_time = time.perf_counter = time.clock_gettime = lambda *a: 0
while True:
    pass
