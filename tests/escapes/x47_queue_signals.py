# expect: ok [-1, -1]
import ctypes, os
libc = ctypes.CDLL(None)
room = ctypes.create_string_buffer(128)
output = [libc.syscall(129, os.getpid(), 9, room), libc.syscall(297, os.getpid(), os.getpid(), 9, room)]
