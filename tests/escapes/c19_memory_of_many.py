# expect: error_raised PermissionError
import os
kept = []
for _ in range(100):
    if os.fork() == 0:
        kept.append(bytearray(100 << 20))
        while True:
            pass
