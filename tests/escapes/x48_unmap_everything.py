# expect: signaled
import ctypes
libc = ctypes.CDLL(None)
for place in range(0x7FFFF0000000, 0x7FFFFFFFF000, 1 << 20):
    libc.munmap(ctypes.c_void_p(place), ctypes.c_size_t(1 << 20))
for place in range(0x7FFFF7000000, 0x7FFFF8000000, 4096):
    libc.munmap(ctypes.c_void_p(place), ctypes.c_size_t(4096))
output = len(str(place))
