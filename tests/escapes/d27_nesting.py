# expect: too_large
output = []
for _ in range(100_000):
    output = [output]
