# expect: ok [-1, -1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
output = [libc.syscall(275, 1, 0, 5, 0, 1, 0), libc.syscall(276, 1, 5, 1, 0), libc.syscall(278, 5, 0, 0, 0),
          libc.syscall(40, 5, 0, 0, 1)]
