# The zygote: an interpreter that is started once, made warm, locked down, and then forked once per program. Reads its
# configuration and later one message per program from COMMAND; the child reads the program from PROGRAM and answers on
# RESULT. Descriptors, messages and frames are described in protocol.h. Here nothing of a program is ever run outside a
# forked child.

import builtins
import ctypes
import gc
import io
import json
import mmap
import os
import random
import resource
import select
import signal
import struct
import sys
import time
import types

import caco_encode as encoder
import caco_facts as facts

# All builtins are bound here as globals of this module, so that a program that replaces them changes nothing below.
globals().update({name: value for name, value in vars(builtins).items() if not name.startswith("_")})

COMMAND, PROGRAM, RESULT = 3, 4, 5
MESSAGE = struct.Struct("<qqqqqqqq")  # operation, run, bytes of the program, CPU us, wall us, memory, value limit, digits
REPLY = struct.Struct("<qqqqqq")      # run, wait status, why it was killed, CPU us, wall us, peak KiB
RUN, KILL = 1, 2
NOT_KILLED, CPU_LIMIT, WALL_LIMIT, ASKED, NO_FORK = 0, 1, 2, 3, 4
NONCE_BYTES = 16
MAX_STR_DIGITS = 1_000_000  # as the paper's checker sets it
POOL_BYTES = 1 << 14        # of CPython's allocator for small objects
EMPTY_BYTES = sys.getsizeof(b"")
RESERVE_BYTES = 1 << 20     # given back before the result is written, so that a full memory can still report

CLONE_NEWPID, CLONE_PIDFD = 0x20000000, 0x1000
SYS_CLONE, SYS_CAPSET, SYS_SECCOMP = 56, 126, 317
SECCOMP_SET_MODE_FILTER = 1

native = ctypes.PyDLL(None, use_errno=True)
syscall = native.syscall
syscall.restype = ctypes.c_long
before_fork = ctypes.pythonapi.PyOS_BeforeFork
after_fork_child = ctypes.pythonapi.PyOS_AfterFork_Child
after_fork_parent = ctypes.pythonapi.PyOS_AfterFork_Parent
for hook in (before_fork, after_fork_child, after_fork_parent):
    hook.restype = None

NO_CAPABILITIES = (ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0), 8),
                   ctypes.create_string_buffer(24))


# ---- the child ----

def frame(kind, nonce, payload):
    return kind + nonce + pack_length(len(payload)) + payload


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os_write(fd, view):]


def read_exactly(fd, count):
    data = b""
    while len(data) < count:
        part = os.read(fd, min(count - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return data


# What runs after a program is bound before it.
os_write, os_exit = os.write, os._exit
pack_length = struct.Struct("<I").pack
flush_text = io.TextIOWrapper.flush
clear_trace, clear_profile, set_recursion_limit = sys.settrace, sys.setprofile, sys.setrecursionlimit
set_int_max_str_digits = getattr(sys, "set_int_max_str_digits", lambda digits: None)
exception_arguments = BaseException.__dict__["args"].__get__
quote = json.encoder.encode_basestring_ascii


def lock_child(cpu_us, memory_bytes):
    """What differs from the zygote: limits that count this program alone, no capabilities, no way to fork."""
    cpu_seconds = cpu_us // 1_000_000 + 2
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    syscall(SYS_CAPSET, *NO_CAPABILITIES)
    if CHILD_FILTER is not None:
        install_filter(CHILD_FILTER)


def error_line(traceback):
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<program>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def error_text(error):
    """Returns a bounded message without calling what the program may have written."""
    arguments = exception_arguments(error)
    if len(arguments) == 1 and type(arguments[0]) is str:
        return arguments[0][:500]
    if isinstance(error, SyntaxError) and arguments and type(arguments[0]) is str:
        return arguments[0][:500]
    try:
        return "" if not arguments else encoder.encode(arguments, 2000, 400)[1][:500]
    except Exception:
        return ""


def describe_error(status, error):
    name = encoder.type_name(type(error))
    line = error_line(error.__traceback__)
    if not line and isinstance(error, SyntaxError) and type(error.lineno) is int:
        line = error.lineno
    return f'{{"status":"{status}","type":{quote(name)},"message":{quote(error_text(error))},"line":{line}}}'


def seed_everything(seed):
    random.seed(seed)
    for name in ("numpy.random", "sympy.core.random"):
        if name in sys.modules:
            sys.modules[name].seed(seed)


def examine(text, write_facts):
    """Returns the code of a program and sends its facts; raises what CPython's parser raises."""
    tree = facts.parse(text)
    code = compile(text, "<program>", "exec", dont_inherit=True)
    write_facts(json.dumps(facts.facts_of(text, tree)).encode())
    return code


def execute(code):
    """Runs a program in a fresh __main__; returns its globals and how it ended, as JSON or None for a normal end."""
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return module.__dict__, describe_error("exited", error)
    except MemoryError as error:
        ended = describe_error("memory", error)
        module.__dict__.clear()
        return module.__dict__, ended
    except BaseException as error:
        return module.__dict__, describe_error("error", error)
    return module.__dict__, None


def result_of(scope, value_limit, max_int_digits):
    """Returns the JSON of a program that ended by itself."""
    part = "input"
    try:
        given = scope.get("input")
        is_dict = type(given) is dict
        input_json, _ = encoder.encode(given, value_limit, max_int_digits)
        inputs = []
        if is_dict:
            for key, value in dict.items(given):
                name = key if type(key) is str else encoder.encode(key, value_limit, max_int_digits)[1]
                text = encoder.encode(value, value_limit, max_int_digits)[1]
                inputs.append(f"[{quote(name)},{quote(text)}]")
        head = f'"inputs":[{",".join(inputs)}],"input":{input_json}'
        if "output" not in scope:
            return f'{{"status":"no_output",{head}}}'
        part = "output"
        output_json, text = encoder.encode(scope["output"], value_limit, max_int_digits)
        return f'{{"status":"ok",{head},"output":{output_json},"repr":{quote(text)}}}'
    except encoder.TooLarge:
        return f'{{"status":"too_large","message":"{part} is above the size limit"}}'
    except encoder.Unserializable as error:
        return f'{{"status":"unserializable","message":{quote(part + ": " + str(error)[:200])}}}'
    except MemoryError:
        return '{"status":"memory","type":"MemoryError","message":"while the result was written","line":0}'
    except RecursionError:
        return f'{{"status":"too_large","message":"{part} is nested too deeply"}}'
    except Exception as error:
        return f'{{"status":"unserializable","message":{quote(part + ": " + encoder.type_name(type(error)))}}}'


def run_child(size, cpu_us, memory_bytes, value_limit, max_int_digits, seed):
    """The whole life of a child after the fork. Never returns."""
    data = read_exactly(PROGRAM, NONCE_BYTES + size)
    nonce, source = data[:NONCE_BYTES], data[NONCE_BYTES:]
    os.close(COMMAND)
    os.close(PROGRAM)
    lock_child(cpu_us, memory_bytes)
    try:
        code = examine(source.decode("utf-8"), lambda payload: write_all(RESULT, frame(b"F", nonce, payload)))
    except BaseException as error:
        write_all(RESULT, frame(b"R", nonce, describe_error("compile", error).encode()))
        os_exit(0)
    del data, source
    reserve = mmap.mmap(-1, RESERVE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    stdout = sys.stdout
    seed_everything(seed)
    set_int_max_str_digits(MAX_STR_DIGITS)
    scope, ended = execute(code)
    clear_trace(None)
    clear_profile(None)
    set_recursion_limit(1000)
    set_int_max_str_digits(MAX_STR_DIGITS)
    reserve.close()
    payload = ended if ended is not None else result_of(scope, value_limit, max_int_digits)
    try:
        flush_text(stdout)
    except BaseException:
        pass
    write_all(RESULT, frame(b"R", nonce, payload.encode("ascii", "backslashreplace")))
    os_exit(0)


# ---- the zygote ----

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
            message = read_exactly(COMMAND, MESSAGE.size)
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
    pidfd_cell = ctypes.c_int()
    pidfd_address = ctypes.byref(pidfd_cell)
    while True:
        message = read_exactly(COMMAND, MESSAGE.size)
        if message is None:
            os._exit(0)
        operation, run, size, cpu_us, wall_us, memory_bytes, value_limit, max_int_digits = MESSAGE.unpack(message)
        if operation != RUN:
            continue
        started = time.monotonic_ns()
        before_fork()
        pid = syscall(SYS_CLONE, clone_flags, 0, pidfd_address, 0, 0)
        if pid == 0:
            try:
                after_fork_child()
                run_child(size, cpu_us, memory_bytes, value_limit, max_int_digits, SEED)
            finally:
                os_exit(70)
        after_fork_parent()
        if pid < 0:
            write_all(COMMAND, REPLY.pack(run, 0, NO_FORK, ctypes.get_errno(), 0, 0))
            continue
        why = watch(pid, pidfd_cell.value, run, cpu_us, wall_us, started)
        _, status, usage = os.wait4(pid, 0)
        os.close(pidfd_cell.value)
        cpu = int((usage.ru_utime + usage.ru_stime) * 1_000_000)
        wall = (time.monotonic_ns() - started) // 1000
        write_all(COMMAND, REPLY.pack(run, status, why, cpu, wall, usage.ru_maxrss))


WARM_UP = ('''def solve(trays, rolls, names):
    """Counts."""
    total = trays * rolls / 3
    for index, name in enumerate(sorted(names)):
        total += index ** 2 if name else -1
    parts = {key: [value, (1.5, str(value))] for key, value in zip(names, range(3))}
    text = ", ".join(f"{key}={value}" for key, value in parts.items())
    return [round(total, 2), parts, text, None, True, {1, 2}]

input = {"trays": 4, "rolls": 6, "names": ["a", "b"]}
output = solve(**input)
assert len(output) == 6
''', '''import math
from fractions import Fraction
from decimal import Decimal
import datetime
import itertools
def f(n):
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
    return n
input = {"n": 7}
output = [f(**input), Fraction(1, 3), Decimal("1.5"), datetime.date(2024, 1, 2), math.gcd(4, 6), 10 ** 30]
raise ValueError("done")
''', "x = (", '''class Point:
    def __init__(self, x):
        self.x = x
output = Point(1)
''')

WARM_UP_SCIENTIFIC = ('''import numpy as np
input = {"rows": [[1, 2], [3, 4]]}
matrix = np.array(input["rows"], dtype=float)
output = [np.linalg.det(matrix), matrix @ matrix, np.mean(matrix), np.arange(5).sum(), np.linalg.solve(matrix, [1, 2])]
''', '''import sympy
from sympy import Eq, Rational, Symbol, expand, factor, simplify, solve, sqrt, symbols
x, y = symbols("x y")
input = {"a": 5, "b": 6}
roots = solve(x ** 2 - input["a"] * x + input["b"], x)
pair = solve([Eq(x + y, 10), Eq(x - y, 2)], [x, y])
output = [roots, pair, simplify((x ** 2 - 1) / (x - 1)), factor(x ** 2 - 1), expand((x + 1) ** 3), Rational(1, 3) + 2,
          sqrt(8), sympy.diff(x ** 3, x), sympy.integrate(x ** 2, (x, 0, 1)), sympy.Matrix([[1, 2], [3, 4]]).det(),
          sympy.factorint(60), sympy.isprime(97), sympy.gcd(12, 18), sympy.binomial(5, 2)]
''')


def warm_up(programs, rounds):
    """Runs representative programs of our own, so that forked children find their pages and caches ready."""
    state = random.getstate()
    for _ in range(rounds):
        for text in programs:
            try:
                code = examine(text, len)
                scope, ended = execute(code)
                result_of(scope, 10000, 1000)
            except SyntaxError as error:
                describe_error("compile", error)
    random.setstate(state)


def fill_holes():
    """Returns objects that fill the free places of the allocator's pools, so that a child's objects lie close together
    on fresh pages instead of on many that it shares with the zygote and would have to copy."""
    return [bytes(size - EMPTY_BYTES) for size in range(48, 513, 16) for _ in range(POOL_BYTES // size)]


def main(config):
    global CHILD_FILTER, SEED
    for name in config["modules"]:
        try:
            __import__(name)
        except ImportError:
            pass
    CHILD_FILTER = bytes.fromhex(config["child_filter"]) or None
    SEED = config["seed"]
    os.environ.clear()
    sys.argv[:] = ["program.py"]
    sys.path[:] = [entry for entry in sys.path if entry]
    sys.dont_write_bytecode = True
    sys.stdin = open(0, "r", encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    os.closerange(RESULT + 1, 256)
    warm_up(WARM_UP, config["warm_up_rounds"])
    if "numpy" in sys.modules and "sympy" in sys.modules:
        warm_up(WARM_UP_SCIENTIFIC, 3)
    plug = fill_holes()
    gc.collect()
    gc.freeze()
    install_filter(bytes.fromhex(config["filter"]))
    os.write(COMMAND, b"ready\n")
    serve(signal.SIGCHLD | CLONE_PIDFD | (CLONE_NEWPID if config["pid_namespace"] else 0))
