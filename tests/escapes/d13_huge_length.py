# expect: protocol
import os
for fd in range(3, 64):
    try:
        os.write(fd, b"R" + b"\xff" * 20)
    except OSError:
        pass
os._exit(0)
