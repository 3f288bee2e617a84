# expect: ok [1, 1, -1]
import ctypes, os
failed = []
for call in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0)):
    try:
        call()
        failed.append(0)
    except PermissionError:
        failed.append(1)
libc = ctypes.CDLL(None)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
data = (ctypes.c_uint32 * 6)(0xffffffff, 0xffffffff, 0, 0xffffffff, 0xffffffff, 0)
output = failed + [libc.syscall(126, header, data)]
