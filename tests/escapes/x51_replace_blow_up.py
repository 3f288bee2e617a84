# expect: memory_limit,cpu_time_limit
text = "a" * 1_000_000
output = len(text.replace("", "b" * 100_000))
