# expect: too_large
output = []
for _ in range(40):
    output = [output, output]
