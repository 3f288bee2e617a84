# expect: ok
import signal
output = list(range(5000))
signal.signal(signal.SIGALRM, lambda number, frame: output.reverse())
signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)
