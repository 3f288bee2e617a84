# expect: ok
import os, signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for number in range(1, 65):
    if number not in (19, 20, 21, 22):
        os.kill(os.getpid(), number)
output = 1
