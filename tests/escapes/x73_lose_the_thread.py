# expect: signaled
import ctypes
libc = ctypes.CDLL(None)
libc.syscall(158, 0x1002, 0)  # the address of what belongs to this thread
output = 1
