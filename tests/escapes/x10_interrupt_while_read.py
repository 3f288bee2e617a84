# expect: ok
import signal
output = [[number] for number in range(3000)]

def interrupt(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
try:
    signal.setitimer(signal.ITIMER_REAL, 2e-3)
except KeyboardInterrupt:
    pass
