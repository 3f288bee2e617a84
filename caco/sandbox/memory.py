# Arranges the memory of a warm zygote so that forking it is cheap and its children fault seldom. What a short program
# costs is page faults: each page that it writes is copied, each page of the interpreter's code that it runs is mapped
# anew. Nothing here is needed for correctness; what the kernel cannot do is left out.

import ctypes
import gc
import sys

import caco_fixed_clock as loader

HUGE_PAGE = 1 << 21
HUGE_PAGE_BITS = 21
REGION_BYTES = 128 << 20  # reserved for objects; what is not used is given back
SMALLEST_PLACE, LARGEST_PLACE, PLACE_STEP = 32, 512, 16  # of CPython's allocator for small objects
MAX_FILLERS = 1 << 15
EMPTY_BYTES = sys.getsizeof(b"")
PAGE = 4096
PT_LOAD, EXECUTABLE, WRITABLE = 1, 1, 2
PROT_READ_WRITE, PROT_READ_EXECUTE, PROT_ALL = 3, 5, 7
AT_SYSINFO_EHDR = 33
KERNEL_BYTES = 1 << 17  # at most, before the code that reads the time
MAP_PRIVATE_ANONYMOUS = 0x22
MREMAP_TO_FIXED = 3
MADV_NORMAL, MADV_HUGEPAGE, MADV_COLLAPSE = 0, 14, 25
M_TRIM_THRESHOLD, M_TOP_PAD = -1, -2
HEAP_BLOCK = 100_000  # small enough to come from the heap
ARENA_BYTES = 1 << 20  # of CPython's allocator
ROOM_FOR_WORDS = 64  # int64 for the serving loop, before those of the allocator

native = loader.native
native.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
native.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
native.malloc.restype = native.sbrk.restype = ctypes.c_void_p
native.malloc.argtypes = [ctypes.c_size_t]
native.getauxval.restype = ctypes.c_ulong
native.getauxval.argtypes = [ctypes.c_ulong]
native.free.argtypes = [ctypes.c_void_p]
native.mremap.restype = ctypes.c_void_p
native.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]

kept = []


class ArenaAllocator(ctypes.Structure):
    _fields_ = [("region", ctypes.c_void_p), ("take", ctypes.c_void_p), ("give", ctypes.c_void_p)]


def up(address):
    return -(-address // HUGE_PAGE) * HUGE_PAGE


def map_bytes(size):
    """Returns the address of fresh memory; raises MemoryError."""
    address = native.mmap(None, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        raise MemoryError("no room to arrange memory")
    return address


def arena_ends():
    """Where the region is free, its end, its begin: what the allocator of native_code.h goes by."""
    return (ctypes.c_int64 * 3).from_address(words + 8 * ROOM_FOR_WORDS)


def begin(fields):
    """Places the machine code (native_code.h; it and the places in it are the fields), and has all objects from here on put
    into one region that huge pages fit."""
    global serve, replace, region, words
    bytes_of_code = bytes.fromhex(fields[0].decode())
    region = up(map_bytes(REGION_BYTES)) + HUGE_PAGE
    words = region - PAGE  # beside the huge pages, as the zygote goes on writing to it
    code = words - PAGE * (1 + len(bytes_of_code) // PAGE)
    ctypes.memmove(code, bytes_of_code, len(bytes_of_code))
    if native.mprotect(code, words - code, PROT_READ_EXECUTE) != 0:
        raise MemoryError("machine code cannot be run")
    serve, replace, take_arena, give_arena = (code + int(field) for field in fields[1:])
    ends = arena_ends()
    ends[:] = region, region + REGION_BYTES - 2 * HUGE_PAGE, region
    ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(ArenaAllocator(
        ctypes.addressof(ends), take_arena, give_arena)))


def fill_holes():
    """Makes objects that fill the free places of the allocator's arenas, until for each size the next place is in a fresh arena:
    a child's objects then lie close together, beside the header that they change, instead of on many pages that it
    shares with the zygote. Floats take the places that are too small for bytes."""
    ends, one = arena_ends(), 1.5
    for size in range(LARGEST_PLACE, SMALLEST_PLACE - PLACE_STEP, -PLACE_STEP):
        while len(kept) < MAX_FILLERS:
            kept.append(bytes(size - EMPTY_BYTES) if size > EMPTY_BYTES else -one)
            if fresh_arena <= id(kept[-1]) < ends[0]:
                break


def fill_heap():
    """Takes the free pieces of the heap, so that what a child asks for comes from its end, in one row."""
    end = native.malloc(HEAP_BLOCK)
    native.free(end)
    for size in [1 << bits for bits in range(16, 10, -1)] + list(range(1032, 8, -16)):
        for _ in range(MAX_FILLERS):
            if native.malloc(size) >= end:
                break


def fill():
    """Fills what is free between what is in use. Nothing may be freed between this and the first fork."""
    for _ in range(2):  # the second time what the first gave back
        gc.collect()  # empties the lists of free objects
        fill_holes()
        fill_heap()


def interpreter_segments():
    """Returns [(start, end, flags)] of the object that holds the interpreter, in order, on whole pages."""
    inside = ctypes.cast(ctypes.pythonapi.PyObject_Repr, ctypes.c_void_p).value
    for base, headers in loader.loaded_objects():
        pages = sorted(((base + address) // PAGE * PAGE, -(-(base + address + size) // PAGE) * PAGE, flags)
                       for kind, flags, address, size in headers if kind == PT_LOAD)
        if any(start <= inside < end for start, end, _ in pages):
            return pages
    return []


def put_code_on_huge_pages(segments):
    """Replaces the mapped file by a copy in anonymous memory, at the same place in one step: forking then hands on its
    page table entries, which children of a mapped file have to fault in one by one, and huge pages make them few."""
    pages = [(start, end) for start, end, flags in segments if not flags & WRITABLE]
    if not pages or any(one[1] != two[0] for one, two in zip(pages, pages[1:])):
        return
    start, end = pages[0][0], pages[-1][1]
    size = end - start
    room = map_bytes(size + HUGE_PAGE)
    copy = room + (start - room) % HUGE_PAGE
    native.madvise(copy, size, MADV_HUGEPAGE)
    ctypes.memmove(copy, start, size)
    if native.mprotect(copy, size, PROT_READ_EXECUTE) == 0:
        native.mremap(copy, size, size, MREMAP_TO_FIXED, start)
    first, last = up(start), end // HUGE_PAGE * HUGE_PAGE
    if last > first:
        native.madvise(first, last - first, MADV_COLLAPSE)


def put_data_on_huge_pages(segments):
    """Does the same with what follows the code: constants, variables and the heap, where they lie side by side. Only code
    that uses none of them can do that (native_code.h)."""
    first = up(max((end for _, end, flags in segments if flags & EXECUTABLE), default=0))
    heap_end = native.sbrk(0)
    if not first < heap_end < first + REGION_BYTES:
        return
    native.mallopt(M_TRIM_THRESHOLD, HUGE_PAGE)
    native.mallopt(M_TOP_PAD, up(heap_end) - heap_end)
    blocks = []
    while native.sbrk(0) < up(heap_end):  # the heap shall reach a huge page's end
        blocks.append(native.malloc(HEAP_BLOCK))
    for block in blocks:
        native.free(block)
    native.mallopt(M_TOP_PAD, HEAP_BLOCK)
    last = up(heap_end)
    size = last - first
    if size <= 0 or native.madvise(first, size, MADV_NORMAL) != 0:
        return  # not in one piece
    put_on_huge_pages(first, last, PROT_READ_WRITE)


def put_on_huge_pages(first, last, protection):
    """Puts huge pages with the same contents in place of all that is mapped there."""
    size = last - first
    room = up(map_bytes(size + HUGE_PAGE))
    native.madvise(room, size, MADV_HUGEPAGE)
    move = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)(replace)
    if native.mprotect(room, size, protection) == 0 and move(first, room, size) == 0:
        native.madvise(first, size, MADV_COLLAPSE)


def put_libraries_on_huge_pages(segments):
    """Does the same with the libraries and what lies between them, the first objects among it: a few pieces of memory instead
    of five for each library, and none of a file. The pieces can be written and run, as a program could arrange
    for itself. The kernel's own pages, through which the time is read, stay."""
    own = {number for start, end, _ in segments for number in range(start >> HUGE_PAGE_BITS, (end >> HUGE_PAGE_BITS) + 1)}
    kernel = (native.getauxval(AT_SYSINFO_EHDR) - KERNEL_BYTES) >> HUGE_PAGE_BITS
    numbers = set()
    for base, headers in loader.loaded_objects():
        for kind, flags, address, size in headers:
            if kind == PT_LOAD:
                numbers.update(range(base + address >> HUGE_PAGE_BITS, (base + address + size >> HUGE_PAGE_BITS) + 1))
    numbers = sorted(number for number in numbers - own if number < kernel)
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    for first, last in runs:
        put_on_huge_pages(first << HUGE_PAGE_BITS, last << HUGE_PAGE_BITS, PROT_ALL)


def put_objects_on_huge_pages():
    """Forking copies one entry for each huge page instead of 512."""
    global fresh_arena
    ends = arena_ends()
    used = min(up(ends[0] + ARENA_BYTES), ends[1])  # with the arena that fill_holes begins
    native.munmap(used, ends[1] - used)
    ends[1], fresh_arena = used, ends[0]
    native.madvise(region, used - region, MADV_HUGEPAGE)
    for window in range(region, used, HUGE_PAGE):
        native.madvise(window, HUGE_PAGE, MADV_COLLAPSE)
    for number in {id(value) >> HUGE_PAGE_BITS for value in gc.get_objects()}:
        native.madvise(number << HUGE_PAGE_BITS, HUGE_PAGE, MADV_COLLAPSE)


def arrange():
    segments = interpreter_segments()
    put_code_on_huge_pages(segments)
    put_data_on_huge_pages(segments)
    put_libraries_on_huge_pages(segments)
    put_objects_on_huge_pages()
