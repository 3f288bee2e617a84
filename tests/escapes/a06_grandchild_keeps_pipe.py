# expect: error_raised PermissionError
# A grandchild that keeps stdout open would make a parent wait that reads until end of file.
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(3600)
