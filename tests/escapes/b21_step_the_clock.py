# expect: ok [-1, -1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
room = ctypes.create_string_buffer(512)
output = [libc.syscall(number, *arguments) for number, *arguments in (
    (227, 0, room), (164, room, 0), (305, 0, room), (159, room))]
