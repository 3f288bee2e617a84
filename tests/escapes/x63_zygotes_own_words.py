# expect: ok
import ctypes, sys
memory = sys.modules["caco_memory"]
ctypes.memset(memory.words, 0xFF, 4096)
output = 1
