# expect: memory_limit
import zlib
small = zlib.compress(bytes(30_000_000), 9)
for _ in range(30):
    small = zlib.decompress(small) + bytes(200_000_000)
