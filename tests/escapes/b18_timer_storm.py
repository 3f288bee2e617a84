# expect: ok,cpu_time_limit
import signal
count = 0

def tick(number, frame):
    global count
    count += 1

signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
total = sum(i * i for i in range(20_000))
output = int(count > 0)
