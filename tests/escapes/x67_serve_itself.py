# expect: exited
import ctypes, os, struct, sys
reading, writing = os.pipe()
os.write(writing, struct.pack("<11q", 1, 7, 9, 10**9, 10**9, 1 << 40, 100, 100, 0, 0, 0))
os.dup2(reading, 3)
memory = sys.modules["caco_memory"]
ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(memory.serve)(memory.words)
output = 1
