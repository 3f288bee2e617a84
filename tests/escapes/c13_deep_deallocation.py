# expect: ok 1
deep = []
for _ in range(300_000):
    deep = [deep]
del deep
output = 1
