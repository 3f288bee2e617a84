# expect: cpu_time_limit
import sys
sys.set_int_max_str_digits(0)
output = len(str(7 ** 4_000_000))
