# expect: signaled SIGSYS
# x32 numbers would dodge a filter that looks at the number only.
import ctypes
libc = ctypes.CDLL(None)
output = libc.syscall(0x40000000 + 39)
