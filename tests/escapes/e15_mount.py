# expect: ok [-1, -1]
import ctypes
libc = ctypes.CDLL(None)
output = [libc.mount(b"none", b"/", b"tmpfs", 0, None), libc.chroot(b"/usr")]
