# expect: ok,signaled
import ctypes
libc = ctypes.CDLL(None)
for name in ("getppid", "clock_gettime", "read"):
    address = ctypes.cast(getattr(libc, name), ctypes.c_void_p).value
    page = address & ~4095
    libc.mprotect(ctypes.c_void_p(page), 8192, 7)
    ctypes.memset(address, 0xC3, 8)
output = libc.getppid() * 0
