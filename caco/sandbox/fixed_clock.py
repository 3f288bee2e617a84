# A clock that stands still, for programs whose output must not depend on the day they ran. The interpreter and its
# libraries read the time through addresses that the loader filled in; in the child those of the clock functions are
# pointed at code that returns a constant for wall clock time and asks the kernel for every other clock. So all that reads
# the time sees it, `datetime` and NumPy included. This is determinism, not security: a program could ask the kernel
# itself. For x86-64, as the numbers of system calls in worker.py.

import ctypes
import struct

PAGE = 4096
PT_DYNAMIC = 2
DT_STRTAB, DT_SYMTAB, DT_JMPREL, DT_PLTRELSZ = 5, 6, 23, 2
JUMP_SLOT = 7
PROT_READ_WRITE, PROT_READ_EXECUTE = 3, 5
MAP_PRIVATE_ANONYMOUS = 0x22

native = ctypes.CDLL(None, use_errno=True)
native.mmap.restype = ctypes.c_void_p
native.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
native.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


class LoadedObject(ctypes.Structure):
    _fields_ = [("address", ctypes.c_uint64), ("name", ctypes.c_char_p), ("headers", ctypes.c_uint64),
                ("num_headers", ctypes.c_uint16)]


def peek(form, address):
    return struct.unpack(form, ctypes.string_at(address, struct.calcsize(form)))


def loaded_objects():
    """Returns (load address, [(kind, flags, address, size)]) of the program and its libraries: their segments."""
    found = []

    def visit(info, size, context):
        one = info.contents
        rows = struct.iter_unpack("<IIQQQQQQ", ctypes.string_at(one.headers, 56 * one.num_headers))
        found.append((one.address, [(row[0], row[1], row[3], row[6]) for row in rows]))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(LoadedObject), ctypes.c_size_t, ctypes.c_void_p)
    native.dl_iterate_phdr(kind(visit), None)
    return found


def find_slots(names):
    """Returns [(name, address of the slot)]: where calls of these functions find where to go."""
    slots = []
    for base, headers in loaded_objects():
        dynamic = sum(base + address for kind, _, address, _ in headers if kind == PT_DYNAMIC)
        tags = {}
        while dynamic:
            tag, value = peek("<qQ", dynamic)
            if tag == 0:
                break
            tags[tag] = value
            dynamic += 16
        if not {DT_STRTAB, DT_SYMTAB, DT_JMPREL, DT_PLTRELSZ} <= tags.keys() or tags[DT_JMPREL] < base:
            continue
        for offset, information, _ in struct.iter_unpack("<QQq", ctypes.string_at(tags[DT_JMPREL], tags[DT_PLTRELSZ])):
            if information & 0xffffffff == JUMP_SLOT:
                name = ctypes.string_at(tags[DT_STRTAB] + peek("<I", tags[DT_SYMTAB] + 24 * (information >> 32))[0])
                if name in names:
                    slots.append((name, base + offset))
    return slots


def constant(seconds):
    return b"\x48\xb8" + struct.pack("<q", seconds)  # mov rax, seconds


def clock_gettime_code(seconds):
    """x86-64: clocks 0, 5 and 11 (wall clock time in three forms) are constant, others go to the kernel."""
    answer = constant(seconds) + b"\x48\x89\x06" + b"\x48\xc7\x46\x08\0\0\0\0" + b"\x31\xc0\xc3"
    ask = b"\xb8\xe4\0\0\0" + b"\x0f\x05\xc3"
    # test edi, edi; je / cmp edi, 5; je / cmp edi, 11; je
    return b"\x85\xff\x74\x12" + b"\x83\xff\x05\x74\x0d" + b"\x83\xff\x0b\x74\x08" + ask + answer


def gettimeofday_code(seconds):
    return (b"\x48\x85\xff\x74\x15" + constant(seconds) + b"\x48\x89\x07" + b"\x48\xc7\x47\x08\0\0\0\0"
            + b"\x31\xc0\xc3")


def time_code(seconds):
    return constant(seconds) + b"\x48\x85\xff\x74\x03\x48\x89\x07\xc3"


CODES = {b"clock_gettime": clock_gettime_code, b"gettimeofday": gettimeofday_code, b"time": time_code}
ROOM = 64  # bytes for each function
SLOTS = []


def prepare():
    """Finds what set_clock changes. Called once in the zygote, after its imports."""
    SLOTS[:] = find_slots(CODES.keys())


def set_clock(seconds):
    """Makes wall clock time stand at `seconds` since 1970 in this process. Raises OSError where that cannot be done."""
    code = native.mmap(None, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    if not SLOTS or code in (None, ctypes.c_void_p(-1).value):
        raise OSError("the clock cannot be fixed")
    places = {}
    for index, (name, make) in enumerate(CODES.items()):
        places[name] = code + ROOM * index
        ctypes.memmove(places[name], make(seconds), len(make(seconds)))
    native.mprotect(code, PAGE, PROT_READ_EXECUTE)
    for name, slot in SLOTS:
        native.mprotect(slot // PAGE * PAGE, PAGE, PROT_READ_WRITE)
        ctypes.c_uint64.from_address(slot).value = places[name]
