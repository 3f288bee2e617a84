# expect: cpu_time_limit,error_raised
import sys
sys.set_int_max_str_digits(0)
number = int("9" * 3_000_000)
output = str(number)[:3]
