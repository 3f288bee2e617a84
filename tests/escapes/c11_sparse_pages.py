# expect: error_raised OSError
# One byte in each 2 MiB costs a page table page beside the page; address space is limited, so it never comes to that.
import mmap
room = mmap.mmap(-1, 1 << 40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
for place in range(0, 1 << 40, 2 << 20):
    room[place] = 1
