# expect: ok [1, 2, 3]
# A timer goes on firing after the end and would change the value while it is written down.
import signal
output = [1, 2, 3]

def change(number, frame):
    output.append(4)
    output[0] = 666

signal.signal(signal.SIGALRM, change)
signal.setitimer(signal.ITIMER_REAL, 10, 1e-5)
