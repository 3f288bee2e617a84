# expect: too_large
input = {str(i): i for i in range(1_000_00)}
output = 1
