# expect: wall_time_limit
import signal
signal.pause()
