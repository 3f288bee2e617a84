# expect: wall_time_limit
import os, signal
for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGSTOP):
    os.kill(os.getpid(), number)
while True:
    signal.pause()
