# expect: ok 0
import ctypes, os
libc = ctypes.CDLL(None)
born = 0
for _ in range(1000):
    for call, flags in ((57, 0), (58, 0), (56, 17)):
        pid = libc.syscall(call, flags, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        born += pid > 0
output = born
