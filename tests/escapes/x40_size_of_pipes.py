# expect: ok [-1, -1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
output = [libc.fcntl(fd, 1031, size) for fd in (1, 5) for size in (4096, 1 << 20)]
