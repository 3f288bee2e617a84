# The zygote: an interpreter that is started once, made warm, locked down, and then forked once per program. Reads its
# configuration and later one message per program from COMMAND; the child (child.py) reads the program from PROGRAM and
# answers on RESULT. Descriptors, messages and frames are described in protocol.h. Here nothing of a program is ever run
# outside a forked child.

import ctypes
import gc
import os
import select
import signal
import struct
import sys
import time

import caco_child as child
import caco_fixed_clock as fixed_clock
import caco_memory as memory
import caco_scratch as scratch
import caco_warm_up as warm_up

COMMAND, RESULT = child.COMMAND, child.RESULT
# operation, run, bytes of the program, CPU us, wall us, memory, value limit, digits, bytes of the scratch order, flags,
# fixed time
MESSAGE = struct.Struct("<qqqqqqqqqqq")
REPLY = struct.Struct("<qqqqqq")  # run, wait status, why it was killed, CPU us, wall us, peak KiB
RUN, KILL = 1, 2
NOT_KILLED, CPU_LIMIT, WALL_LIMIT, ASKED, NO_FORK = 0, 1, 2, 3, 4
THREAD_SETTINGS = (b"OPENBLAS_NUM_THREADS", b"OMP_NUM_THREADS", b"MKL_NUM_THREADS")

CLONE_NEWPID, CLONE_PIDFD = 0x20000000, 0x1000
SYS_CLONE, SYS_CAPSET, SYS_SECCOMP = 56, 126, 317
SECCOMP_SET_MODE_FILTER = 1

native = ctypes.PyDLL(None, use_errno=True)
syscall = native.syscall
syscall.restype = ctypes.c_long

NO_CAPABILITIES = (ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0), 8),
                   ctypes.create_string_buffer(24))


def give_up_capabilities():
    syscall(SYS_CAPSET, *NO_CAPABILITIES)


def install_filter(program):
    class FilterProgram(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
    code = ctypes.create_string_buffer(program, len(program))
    request = FilterProgram(len(program) // 8, ctypes.addressof(code))
    if syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(request)) != 0:
        raise OSError(ctypes.get_errno(), "cannot install the system call filter")


def watch(pid, pidfd, run, cpu_us, wall_us, started):
    """Waits for a child and kills it at its limits or when asked to; returns why it was killed."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(COMMAND, select.POLLIN)
    cpu_clock = (~pid << 3) | 2
    why = NOT_KILLED
    wait_us = min(cpu_us, wall_us)
    while True:
        for fd, _ in poll.poll(wait_us // 1000 + 1):
            if fd == pidfd:
                return why
            message = child.read_exactly(COMMAND, MESSAGE.size)
            if message is None:
                os._exit(0)
            if MESSAGE.unpack(message)[:2] == (KILL, run) and why == NOT_KILLED:
                why = ASKED
        try:
            cpu_left = cpu_us - time.clock_gettime_ns(cpu_clock) // 1000
        except OSError:
            cpu_left = 1
        wall_left = wall_us - (time.monotonic_ns() - started) // 1000
        if why == NOT_KILLED and cpu_left <= 0:
            why = CPU_LIMIT
        elif why == NOT_KILLED and wall_left <= 0:
            why = WALL_LIMIT
        if why != NOT_KILLED:
            try:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            wait_us = 1_000_000
        else:
            wait_us = max(0, min(cpu_left, wall_left))


def serve(clone_flags):
    # Python's own fork hooks are left out: there is one thread, so that no lock can be held, the thread keeps its
    # identity, and random numbers are seeded for each program. They would copy a hundred pages.
    zygote, leave = sys.modules["caco_worker"], os._exit
    pidfd_cell = ctypes.c_int()
    pidfd_address = ctypes.byref(pidfd_cell)
    while True:
        data = child.read_exactly(COMMAND, MESSAGE.size)
        if data is None:
            os._exit(0)
        message = MESSAGE.unpack(data)
        operation, run, _, cpu_us, wall_us = message[:5]
        if operation != RUN:
            continue
        started = time.monotonic_ns()
        pid = syscall(SYS_CLONE, clone_flags, 0, pidfd_address, 0, 0)
        if pid == 0:
            try:
                child.live(zygote, message)
            finally:
                leave(70)
        if pid < 0:
            child.write_all(COMMAND, REPLY.pack(run, 0, NO_FORK, ctypes.get_errno(), 0, 0))
            continue
        why = watch(pid, pidfd_cell.value, run, cpu_us, wall_us, started)
        _, status, usage = os.wait4(pid, 0)
        os.close(pidfd_cell.value)
        cpu = int((usage.ru_utime + usage.ru_stime) * 1_000_000)
        wall = (time.monotonic_ns() - started) // 1000
        child.write_all(COMMAND, REPLY.pack(run, status, why, cpu, wall, usage.ru_maxrss))
        if SCRATCH:
            try:
                scratch.clear(SCRATCH)
            except OSError:
                os._exit(0)  # the folder goes with the zygote


def main(config):
    global CHILD_FILTER, SEED, SCRATCH
    for name in config["modules"]:
        try:
            __import__(name)
        except ImportError:
            pass
    CHILD_FILTER = bytes.fromhex(config["child_filter"]) or None
    SEED = config["seed"]
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
    gc.collect()
    memory.arrange(is_large="sympy" in sys.modules or "numpy" in sys.modules)
    gc.freeze()
    install_filter(bytes.fromhex(config["filter"]))
    os.write(COMMAND, b"ready\n")
    serve(signal.SIGCHLD | CLONE_PIDFD | (CLONE_NEWPID if config["pid_namespace"] else 0))
