# expect: ok [-1, -1, -1, -1]
import ctypes
libc = ctypes.CDLL(None)
room = ctypes.create_string_buffer(128)
output = [libc.syscall(303, -100, b"/usr", room, room, 0), libc.syscall(304, -100, room, 0),
          libc.syscall(437, -100, b"/", room, 24), libc.syscall(428, -100, b"/usr", 1)]
