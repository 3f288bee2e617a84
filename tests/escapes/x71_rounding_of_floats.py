# expect: ok
import ctypes
libm = ctypes.CDLL("libm.so.6")
libm.fesetround(0x800)
libm.feenableexcept(0)
output = 1 / 3 > 0
