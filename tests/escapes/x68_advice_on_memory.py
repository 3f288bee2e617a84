# expect: ok [1, 1]
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
own = mmap.mmap(-1, 8 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(own)) + (2 << 20) - 1 & ~((2 << 20) - 1)
for advice in (0, 1, 2, 3, 4, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 25):
    libc.madvise(address, 2 << 20, advice)
refused = [libc.madvise(address, 4096, advice) for advice in (100, 101)]  # poison and soft offline
shared = id(libc) & ~4095  # and on memory that the zygote has too
for advice in (10, 12, 14, 18, 20, 21):
    libc.madvise(shared, 4096, advice)
output = [-1 * code for code in refused]
