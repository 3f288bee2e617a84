# expect: ok [-1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_MM = 4, 22, 35
output = [libc.prctl(PR_SET_DUMPABLE, 1), libc.prctl(PR_SET_SECCOMP, 1), libc.prctl(PR_SET_MM, 1, 0, 0, 0)]
