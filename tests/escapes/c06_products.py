# expect: memory_limit,cpu_time_limit
import itertools
output = list(itertools.product(range(100), repeat=8))
