# expect: error_raised
import mmap
kept = mmap.mmap(-1, 1 << 45)
