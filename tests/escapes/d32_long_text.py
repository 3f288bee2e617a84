# expect: too_large
output = "x" * 50_000_000
