# expect: memory_limit,error_raised
import mmap
rooms = []
while True:
    room = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
    for place in range(0, 16 << 20, 2 << 20):
        room[place] = 1
    rooms.append(room)
