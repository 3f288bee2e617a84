# expect: ok [True, True]
# Offset and flags of an open file are shared with the programs before and after.
import fcntl, os
refused = 0
try:
    os.lseek(0, 1 << 40, os.SEEK_SET)
except OSError:
    pass
try:
    fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    kept = False
except OSError:
    kept = True
try:
    os.write(0, b"left behind")
    kept_too = False
except OSError:
    kept_too = True
output = [kept, kept_too]
