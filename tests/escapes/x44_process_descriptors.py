# expect: ok [-1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
output = [libc.syscall(434, 1, 0), libc.syscall(438, 3, 1, 0), libc.syscall(448, 3, 0)]
