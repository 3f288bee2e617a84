# expect: memory_limit,signaled,error_raised
import ctypes

class Allocator(ctypes.Structure):
    _fields_ = [("context", ctypes.c_void_p), ("take", ctypes.c_void_p), ("give", ctypes.c_void_p)]

take = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)(lambda context, size: 4096)
ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(
    Allocator(None, ctypes.cast(take, ctypes.c_void_p), ctypes.cast(take, ctypes.c_void_p))))
output = len([str(number) * 9 for number in range(1_000_000)])
