# expect: signaled,error_raised,ok
# Code pages become writable in the child alone; the interpreter that forks keeps its own.
import ctypes
libc = ctypes.CDLL(None)
place = ctypes.cast(ctypes.pythonapi.PyObject_Repr, ctypes.c_void_p).value
page = place & ~4095
if libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(8192), 7) == 0:
    ctypes.memset(place, 0xCC, 16)
output = repr([1])
