# expect: ok True
import mmap
try:
    room = mmap.mmap(0, 4096, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    room[0:4] = b"left"
    output = False
except (OSError, ValueError):
    output = True
