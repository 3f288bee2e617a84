# expect: exited
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
# A list of locks that the kernel walks when the process ends, and a word that it clears: both anywhere.
head = (ctypes.c_uint64 * 3)()
head[0] = ctypes.addressof(head)
head[1] = 0x1000
head[2] = 0x7FFFFFFFF000
libc.syscall(273, head, 24)
libc.syscall(218, ctypes.c_void_p(0x400000))
output = 1
os._exit(3)
