# expect: ok True
# The first process of a PID namespace cannot be stopped from inside; if it were, wall time would end it.
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
output = True
