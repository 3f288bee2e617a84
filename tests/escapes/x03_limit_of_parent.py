# expect: ok -1
# Limits of other processes: the call takes no process id but one's own.
import ctypes, resource
output = ctypes.CDLL(None).prlimit(2, resource.RLIMIT_AS, (ctypes.c_uint64 * 2)(1, 1), None)
