# expect: ok -1
import ctypes
output = ctypes.CDLL(None).socket(2, 1, 0)
