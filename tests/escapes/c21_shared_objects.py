# expect: ok,signaled
import ctypes
for value in (None, True, 1, (), "", 5):
    ctypes.c_ssize_t.from_address(id(value)).value = 3
ctypes.c_long.from_address(id(7) + 24).value = 8
output = 1
