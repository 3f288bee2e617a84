# Arranges the memory of a warm zygote so that forking it is cheap and its children fault seldom. What a short program
# costs is page faults: each page that it writes is copied, each page of the interpreter's code that it runs is mapped
# anew. Nothing here is needed for correctness; what the kernel cannot do is left out.

import ctypes
import gc
import sys

import caco_fixed_clock as loader

HUGE_PAGE = 1 << 21
HUGE_PAGE_BITS = 21
POOL_BYTES = 1 << 14  # of CPython's allocator for small objects
EMPTY_BYTES = sys.getsizeof(b"")
PAGE = 4096
PT_LOAD, WRITABLE = 1, 2
PROT_READ_WRITE, PROT_READ_EXECUTE = 3, 5
MAP_PRIVATE_ANONYMOUS = 0x22
MREMAP_TO_FIXED = 3
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25

native = loader.native
native.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
native.mremap.restype = ctypes.c_void_p
native.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]

kept = []


def fill_holes():
    """Makes objects that fill the free places of the allocator's pools, so that a child's objects lie close together on
    fresh pages instead of on many that it shares with the zygote and would have to copy."""
    kept.extend(bytes(size - EMPTY_BYTES) for size in range(48, 513, 16) for _ in range(POOL_BYTES // size))


def interpreter_code():
    """Returns (start, end) of the read-only part of the object that holds the interpreter, where it is one piece."""
    inside = ctypes.cast(ctypes.pythonapi.PyObject_Repr, ctypes.c_void_p).value
    for base, headers in loader.loaded_objects():
        segments = sorted((base + address, base + address + size) for kind, flags, address, size in headers
                          if kind == PT_LOAD and not flags & WRITABLE)
        pages = [(start // PAGE * PAGE, (end + PAGE - 1) // PAGE * PAGE) for start, end in segments]
        if any(start <= inside < end for start, end in pages):
            is_one_piece = all(one[1] == two[0] for one, two in zip(pages, pages[1:]))
            return (pages[0][0], pages[-1][1]) if is_one_piece else None
    return None


def put_code_on_huge_pages():
    """Replaces the mapped file by a copy in anonymous memory, at the same place in one step: forking then hands on its
    page table entries, which children of a mapped file have to fault in one by one, and huge pages make them few."""
    found = interpreter_code()
    if found is None:
        return
    start, end = found
    size = end - start
    room = native.mmap(None, size + HUGE_PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    if room in (None, ctypes.c_void_p(-1).value):
        return
    copy = room + (start - room) % HUGE_PAGE
    native.madvise(copy, size, MADV_HUGEPAGE)
    ctypes.memmove(copy, start, size)
    if native.mprotect(copy, size, PROT_READ_EXECUTE) == 0:
        native.mremap(copy, size, size, MREMAP_TO_FIXED, start)
    first, last = -(-start // HUGE_PAGE) * HUGE_PAGE, end // HUGE_PAGE * HUGE_PAGE
    if last > first:
        native.madvise(first, last - first, MADV_COLLAPSE)


def put_objects_on_huge_pages():
    """Forking copies one entry for each huge page instead of 512; worth it for images of many megabytes."""
    for number in {id(value) >> HUGE_PAGE_BITS for value in gc.get_objects()}:
        native.madvise(number << HUGE_PAGE_BITS, HUGE_PAGE, MADV_COLLAPSE)


def arrange(is_large):
    fill_holes()
    put_code_on_huge_pages()
    if is_large:
        put_objects_on_huge_pages()
