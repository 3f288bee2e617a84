# expect: ok [1]
import os
found = []
for pid in range(1, 65536):
    try:
        os.kill(pid, 0)
        found.append(pid)
    except ProcessLookupError:
        pass
output = found
