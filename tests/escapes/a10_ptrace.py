# expect: ok [-1, -1, -1, -1]
import ctypes, os
libc = ctypes.CDLL(None)
buffer = ctypes.create_string_buffer(64)
output = [libc.syscall(101, 0, 0, 0, 0), libc.syscall(101, 16, os.getppid(), 0, 0),
          libc.syscall(310, os.getppid(), buffer, 1, buffer, 1, 0), libc.syscall(438, 3, 0, 0)]
