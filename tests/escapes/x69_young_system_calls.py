# expect: ok []
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
space = ctypes.create_string_buffer(4096)
# mount interfaces, pidfd_getfd, landlock, memfd_secret, process_mrelease, futex_waitv, cachestat, map_shadow_stack, futex2,
# statmount, listmount, lsm attributes, mseal and whatever comes after
possible = []
for number in [*range(428, 436), *range(437, 439), *range(440, 520)]:
    ctypes.set_errno(0)
    if libc.syscall(number, space, 0, space, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38):
        possible.append(number)
output = possible
