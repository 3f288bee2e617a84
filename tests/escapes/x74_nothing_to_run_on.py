# expect: signaled
import ctypes, sys
libc = ctypes.CDLL(None)
memory = sys.modules["caco_memory"]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
# Everything on huge pages at once: objects, libraries, the interpreter.
for first in range(0x400000, 0x1000000, 1 << 21):
    libc.munmap(first, 1 << 21)
libc.munmap(memory.region, 64 << 20)
output = 1
