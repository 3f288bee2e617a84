# expect: ok [-1, -1, 38]
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
first = libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
second = libc.syscall(56, CLONE_NEWUSER | 17, 0, 0, 0, 0)
libc.syscall(435, ctypes.create_string_buffer(88), 88)  # clone3: ENOSYS
output = [first, second, ctypes.get_errno()]
