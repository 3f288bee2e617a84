# Tries forbidden things from inside, as a program: `output` is a list of [name, whether it was refused, what happened].
import ctypes
import os
import signal
import socket
import sys

output = []


def attempt(name, action):
    try:
        output.append([name, False, "possible: " + repr(action())[:80]])
    except Exception as error:
        output.append([name, True, type(error).__name__ + ": " + str(error)[:80]])


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(0.2)
        one.connect(address)


def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def write(path):
    with open(path, "w") as file:
        file.write("x")


def fork():
    if os.fork() == 0:
        os._exit(0)


def attempt_all(too_many_bytes):
    attempt("network", lambda: connect(socket.AF_INET, ("127.0.0.1", 9)))
    attempt("unix sockets", lambda: socket.socket(socket.AF_UNIX))
    attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
    attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
    attempt("write in the folder", lambda: write("caco-self-test"))
    attempt("write in /tmp", lambda: write("/tmp/caco-self-test"))
    attempt("write in /dev/shm", lambda: write("/dev/shm/caco-self-test"))
    attempt("write beside the interpreter", lambda: write(sys.executable + "-caco-self-test"))
    attempt("read /etc/passwd", lambda: open("/etc/passwd").read())
    attempt("list /root", lambda: os.listdir("/root"))
    attempt("list /home", lambda: os.listdir("/home"))
    attempt("list /proc", lambda: os.listdir("/proc/1"))
    attempt("fork", fork)
    attempt("threads", lambda: __import__("threading").Thread(target=int).start())
    attempt("exec", lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]))
    attempt("kill the parent", lambda: os.kill(os.getppid() or 2, signal.SIGKILL))
    attempt("ptrace", lambda: call(101, 0, 0, 0, 0))
    attempt("mount", lambda: call(165, b"none", b"/", b"tmpfs", 0, 0))
    attempt("unshare", lambda: call(272, 0x10000000))
    attempt("clone into a namespace", lambda: call(56, 0x20001011, 0, ctypes.create_string_buffer(8), 0, 0) or os._exit(0))
    attempt("keyrings", lambda: call(250, 0, -3, 1))
    attempt("io_uring", lambda: call(425, 8, ctypes.create_string_buffer(256)))
    attempt("bpf", lambda: call(321, 5, ctypes.create_string_buffer(128), 128))
    attempt("perf events", lambda: call(298, ctypes.create_string_buffer(128), 0, -1, -1, 0))
    attempt("userfaultfd", lambda: call(323, 0))
    attempt("memory files", lambda: os.memfd_create("x"))
    attempt("shared memory", lambda: call(29, 0x1234, 4096, 0o1600))
    attempt("leases and locks on descriptors", lambda: __import__("fcntl").fcntl(1, 1024, 0))
    attempt("change flags of descriptors", lambda: os.set_blocking(1, False))
    attempt("descriptors of the supervisor", lambda: [os.fstat(fd) for fd in (3, 4)])
    attempt("environment", lambda: dict(os.environ)["PATH"])
    attempt("more memory than allowed", lambda: bytearray(too_many_bytes) and None)
