# expect: too_large
output = 10 ** 100_000
