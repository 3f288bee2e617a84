# expect: ok 1
# Most of the limit is used, and the result is there before it.
import time
while time.process_time() < 0.2:
    pass
output = 1
