# expect: ok [-1, -1, -1, -1, -1, -1]
# System V and POSIX queues, semaphores, shared memory and keys would outlive the program.
import ctypes
libc = ctypes.CDLL(None)
output = [libc.syscall(29, 0x1234, 4096, 0o1666), libc.syscall(64, 0x1234, 1, 0o1666), libc.syscall(68, 0x1234, 0o1666),
          libc.syscall(240, b"queue", 0o102, 0o666, 0), libc.syscall(248, b"user", b"left", b"x", 1, -3),
          libc.syscall(250, 1, b"ring", 0, 0, 0)]
