# expect: ok [-1, -1, -1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
room = ctypes.create_string_buffer(64)
output = [libc.syscall(number, 0, room, room, room, 0, 0) for number in (237, 238, 256, 279, 440)]
