# expect: ok [-1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
room = ctypes.create_string_buffer(1 << 16)
output = [libc.mlockall(3), libc.mlock(room, len(room)), libc.syscall(325, room, len(room), 0)]
