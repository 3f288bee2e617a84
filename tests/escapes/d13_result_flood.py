# expect: protocol
import os
while True:
    for fd in range(3, 16):
        try:
            os.write(fd, b"x" * 65536)
        except OSError:
            pass
