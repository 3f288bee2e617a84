# The life of a forked child: takes a program, gives up what the zygote had left, looks at the program, runs it, and writes
# what came out as frames (protocol.h). Nothing that the program defines is called after it ended: types are told apart
# by identity, attributes are read through the built-in classes, signals are blocked and the collector is off.

import _signal
import builtins
import gc
import io
import json
import mmap
import os
import random
import struct
import sys
import types

import caco_compat as compat
import caco_encode as encoder
import caco_facts as facts
import caco_fixed_clock as fixed_clock
import caco_scratch as scratch

# All builtins are bound here as globals of this module, so that a program that replaces them changes nothing below.
globals().update({name: value for name, value in vars(builtins).items() if not name.startswith("_")})

COMMAND, PROGRAM, RESULT = 3, 4, 5
NONCE_BYTES = 16
WANTS_FACTS, LIKE_THE_PAPER, HAS_CLOCK = 1, 2, 4  # flags of a message
MAX_STR_DIGITS = 1_000_000  # as the paper's checker sets it
RESERVE_BYTES = 1 << 20     # given back before the result is written, so that a full memory can still report
MAX_READ_BYTES = 1 << 20
MAX_TRACE = 20              # innermost frames of a program that are told with an exception
MAX_NAME = 200              # characters of the name of a type

# What runs after a program is bound before it.
os_read, os_write, os_exit, os_close = os.read, os.write, os._exit, os.close
write_text, flush_text = io.TextIOWrapper.write, io.TextIOWrapper.flush
pack_length = struct.Struct("<I").pack
get_trace, get_profile, set_trace, set_profile = sys.gettrace, sys.getprofile, sys.settrace, sys.setprofile
set_recursion_limit = sys.setrecursionlimit
set_int_max_str_digits = getattr(sys, "set_int_max_str_digits", lambda digits: None)
mask_signals, BLOCK, ALL_SIGNALS = _signal.pthread_sigmask, _signal.SIG_BLOCK, _signal.valid_signals()
forget_young, start_collecting, stop_collecting = gc.freeze, gc.enable, gc.disable
arguments_of = encoder.arguments_of
traceback_of = BaseException.__dict__["__traceback__"].__get__
line_of = SyntaxError.__dict__["lineno"].__get__
quote = encoder.quote_text
type_name, type_mro = encoder.type_name, encoder.type_mro


def frame(kind, nonce, payload):
    return kind + nonce + pack_length(len(payload)) + payload


def write_all(fd, data):
    count = os_write(fd, data)
    while count < len(data):
        count += os_write(fd, memoryview(data)[count:])


def read_exactly(fd, count):
    data = os_read(fd, min(count, MAX_READ_BYTES))
    while len(data) < count:
        part = os_read(fd, min(count - len(data), MAX_READ_BYTES))
        if not part:
            return None
        data += part
    return data


# ---- what is told of an exception ----

def trace_of(traceback):
    """Returns [line, function] of the innermost frames of the program, outermost first."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename == "<program>":
            frames.append([traceback.tb_lineno, code.co_name[:MAX_NAME]])
            del frames[:-MAX_TRACE]
        traceback = traceback.tb_next
    return frames


def exit_code_of(error):
    """Returns the code that Python would leave with."""
    arguments = arguments_of(error)
    if not arguments or arguments[0] is None:
        return 0
    return arguments[0] & 0xff if type(arguments[0]) in (int, bool) else 1


def describe_error(status, error):
    trace = trace_of(traceback_of(error))
    line = trace[-1][0] if trace else 0
    if not line and encoder.is_among(SyntaxError, type_mro(type(error))) and type(line_of(error)) is int:
        line = line_of(error)
    code = exit_code_of(error) if status == "exited" else 1
    frames = ",".join([f"[{number},{quote(name)}]" for number, name in trace])
    return (f'{{"status":"{status}","type":{quote(type_name(type(error))[:MAX_NAME])},'
            f'"message":{quote(encoder.plain_message(error))},"line":{line},"code":{code},"trace":[{frames}]}}')


# ---- the steps ----

def prepare(seed, own_filter, install_filter):
    """What the zygote does once for all its children, after its imports: random numbers, memory that is kept back, the
    module that a program becomes, and a filter for the children alone where there are no namespaces."""
    global SEED, OWN_FILTER, INSTALL_FILTER, RESERVE, MAIN
    SEED, OWN_FILTER, INSTALL_FILTER = seed, own_filter, install_filter
    random.seed(seed)
    for name in ("numpy.random", "sympy.core.random"):
        if name in sys.modules:
            sys.modules[name].seed(seed)
    RESERVE = mmap.mmap(-1, RESERVE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    set_int_max_str_digits(MAX_STR_DIGITS)
    MAIN = sys.modules["__main__"] = types.ModuleType("__main__")
    MAIN.__dict__["__builtins__"] = builtins


def examine(text, wants_facts):
    """Returns the code of a program and its facts as JSON, if wanted; raises what CPython's parser raises."""
    if not wants_facts:
        return compile(text, "<program>", "exec", dont_inherit=True), None
    tree = facts.parse(text)
    code = compile(tree, "<program>", "exec", dont_inherit=True)
    return code, json.dumps(facts.facts_of(text, tree)).encode()


def print_last_words(error, stderr):
    """What sys.exit("text") prints."""
    arguments = arguments_of(error)
    if arguments and type(arguments[0]) is str:
        try:
            write_text(stderr, arguments[0] + "\n")
        except Exception:
            pass


def execute(code, scope, stderr, after):
    """Runs a program; returns how it ended, as JSON, or None for a normal end. `after` is called in any case, and what a
    signal handler of the program raises in there counts as raised by the program."""
    try:
        try:
            exec(code, scope)
        finally:
            after()
    except SystemExit as error:
        print_last_words(error, stderr)
        return describe_error("exited", error)
    except MemoryError as error:
        ended = describe_error("memory", error)
        scope.clear()
        return ended
    except BaseException as error:
        return describe_error("error", error)
    return None


def silence():
    """From here on nothing that the program left behind runs by itself: no handlers, no collector, no trace."""
    stop_collecting()
    mask_signals(BLOCK, ALL_SIGNALS)
    if get_trace() is not None:
        set_trace(None)
    if get_profile() is not None:
        set_profile(None)
    set_recursion_limit(1000)
    set_int_max_str_digits(MAX_STR_DIGITS)


def result_of(scope, value_limit, max_int_digits):
    """Returns the JSON of a program that ended by itself."""
    part = "input"
    try:
        given = scope.get("input")
        input_json, _ = encoder.encode(given, value_limit, max_int_digits)
        inputs = []
        if type(given) is dict:
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
        return f'{{"status":"unserializable","message":{quote(part + ": " + str(error)[:MAX_NAME])}}}'
    except MemoryError:
        return '{"status":"memory","type":"MemoryError","message":"while the result was written","line":0}'
    except RecursionError:
        return f'{{"status":"too_large","message":"{part} is nested too deeply"}}'
    except BaseException as error:
        return f'{{"status":"unserializable","message":{quote(part + ": " + type_name(type(error))[:MAX_NAME])}}}'


def take_program(message):
    """Returns the nonce and the program's bytes, and does what its scratch order asks: the rest of what a child does before
    it looks at the program."""
    size, order_size, flags, clock_s = message[2], message[8], message[9], message[10]
    data = read_exactly(PROGRAM, NONCE_BYTES + size + order_size)
    os_close(PROGRAM)
    nonce, order = data[:NONCE_BYTES], data[NONCE_BYTES + size:]
    wanted, scratch_limit = (), 0
    if order:
        wanted, scratch_limit, sys.argv[1:] = scratch.prepare(order)
    if flags & HAS_CLOCK:
        try:
            fixed_clock.set_clock(clock_s)
        except OSError as error:
            if SEED == 0:  # second runs, which have other seeds, only try another day
                write_all(RESULT, frame(b"R", nonce, describe_error("error", error).encode()))
                os_exit(0)
    if OWN_FILTER:
        INSTALL_FILTER(OWN_FILTER)
    return nonce, data[NONCE_BYTES:NONCE_BYTES + size], wanted, scratch_limit


def live(message):
    """The whole life of a child after the fork. Never returns."""
    nonce, source, wanted, scratch_limit = take_program(message)
    value_limit, max_int_digits, flags = message[6], message[7], message[9]
    is_like_the_paper = flags & LIKE_THE_PAPER

    try:
        text = source.decode("utf-8")
        code, found = examine(text, flags & WANTS_FACTS)
        if found is not None:
            write_all(RESULT, frame(b"F", nonce, found))
    except BaseException as error:
        write_all(RESULT, frame(b"R", nonce, describe_error("compile", error).encode()))
        os_exit(0)
    del source, found
    stdout, stderr = sys.stdout, sys.stderr
    forget_young()  # what was made so far is not looked through: that would copy its pages
    start_collecting()
    if is_like_the_paper:
        scope = {"__builtins__": builtins}
        payload = compat.run(text, code, scope, silence, value_limit)
    else:
        scope = MAIN.__dict__
        payload = execute(code, scope, stderr, silence)
    RESERVE.close()
    if payload is None:
        payload = result_of(scope, value_limit, max_int_digits)
    for stream in (stdout, stderr):
        try:
            flush_text(stream)
        except BaseException:
            pass
    if wanted:
        write_all(RESULT, frame(b"S", nonce, scratch.read(wanted, scratch_limit).encode()))
    write_all(RESULT, frame(b"R", nonce, payload.encode("ascii", "backslashreplace")))
    os_exit(0)
