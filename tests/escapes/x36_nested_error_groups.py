# expect: error_raised
error = ValueError("x")
for _ in range(50_000):
    error = ExceptionGroup("group", [error])
raise error
