# expect: ok True
# Not closed, and said so: clocks are fine enough to see what caches do. Two programs on one core can learn of each other.
import time
ticks = [time.perf_counter_ns() for _ in range(1000)]
output = min(b - a for a, b in zip(ticks, ticks[1:])) < 1_000_000
