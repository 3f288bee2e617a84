# expect: nondeterministic
import time
output = time.time_ns()
