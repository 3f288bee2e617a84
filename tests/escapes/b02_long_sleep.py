# expect: wall_time_limit
import time
time.sleep(1e6)
