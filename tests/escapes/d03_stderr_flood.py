# expect: cpu_time_limit
import sys
while True:
    sys.stderr.write("x" * 1000)
