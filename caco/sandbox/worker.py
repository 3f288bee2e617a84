# The zygote: an interpreter that is started once, made warm, locked down, and then forked once per program. Reads its
# configuration and later one message per program from COMMAND; the child (child.py) reads the program from PROGRAM and
# answers on RESULT. Descriptors, messages and frames are described in protocol.h. Here nothing of a program is ever run
# outside a forked child.

import ctypes
import gc
import os
import signal
import struct
import sys

import caco_child as child
import caco_fixed_clock as fixed_clock
import caco_memory as memory
import caco_scratch as scratch
import caco_warm_up as warm_up

COMMAND, RESULT = child.COMMAND, child.RESULT
# operation, run, bytes of the program, CPU us, wall us, memory, value limit, digits, bytes of the scratch order, flags,
# fixed time
MESSAGE = struct.Struct("<qqqqqqqqqqq")
FORKED = 1  # what the serving code returns in a child
THREAD_SETTINGS = (b"OPENBLAS_NUM_THREADS", b"OMP_NUM_THREADS", b"MKL_NUM_THREADS")

CLONE_NEWPID, CLONE_PIDFD = 0x20000000, 0x1000
SYS_SECCOMP = 317
SECCOMP_SET_MODE_FILTER = 1

native = ctypes.PyDLL(None, use_errno=True)
syscall = native.syscall
syscall.restype = ctypes.c_long


def install_filter(program):
    class FilterProgram(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
    code = ctypes.create_string_buffer(program, len(program))
    request = FilterProgram(len(program) // 8, ctypes.addressof(code))
    if syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(request)) != 0:
        raise OSError(ctypes.get_errno(), "cannot install the system call filter")


def serve(config):
    """Hands over to the serving code (native_code.cpp); each child comes back from it with its limits set. Python's own fork
    hooks are left out: there is one thread, so that no lock can be held, the thread keeps its identity, and random
    numbers are seeded. They would copy a hundred pages."""
    has_namespaces = config["pid_namespace"]
    block = (ctypes.c_int64 * (2 + MESSAGE.size // 8)).from_address(memory.words)
    block[0] = signal.SIGCHLD | CLONE_PIDFD | (CLONE_NEWPID if has_namespaces else 0)
    block[1] = 1 if SCRATCH else 0
    run = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(memory.serve)
    place = ctypes.c_void_p(memory.words)
    take_message, leave, live = MESSAGE.unpack_from, os._exit, child.live
    gc.collect()
    gc.disable()
    memory.arrange()
    install_filter(bytes.fromhex(config["filter"]))
    memory.fill()
    gc.freeze()
    os.write(COMMAND, b"ready\n")
    while True:
        if run(place) == FORKED:
            try:
                live(take_message(block, 16))
            finally:
                leave(70)
        if SCRATCH:
            try:
                scratch.clear(SCRATCH)
            except OSError:
                leave(0)  # the folder goes with the zygote


def main(config):
    global SCRATCH
    for name in config["modules"]:
        try:
            __import__(name)
        except ImportError:
            pass
    SCRATCH = config["scratch"]
    if SCRATCH:
        os.chdir(SCRATCH)
    os.environ.clear()
    for name in THREAD_SETTINGS:  # read by libraries that a program imports itself; not seen in os.environ
        native.setenv(name, b"1", 1)
    sys.argv[:] = ["program.py"]
    sys.path[:] = [entry for entry in sys.path if entry]
    sys.dont_write_bytecode = True
    sys.stdin = open(0, "r", encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.closerange(RESULT + 1, 256)
    fixed_clock.prepare()
    warm_up.run(child, warm_up.STANDARD, config["warm_up_rounds"])
    for name, programs in (("numpy", warm_up.NUMPY), ("sympy", warm_up.SYMPY)):
        if name in sys.modules:
            warm_up.run(child, programs, 2)
    child.prepare(config["seed"], bytes.fromhex(config["child_filter"]), install_filter)
    serve(config)
