# expect: cpu_time_limit
import re
output = re.match(r"(a+)+$", "a" * 40 + "b")
