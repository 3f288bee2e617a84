# expect: error_raised
import os
for _ in range(100_000):
    os.mkdir("d")
    os.chdir("d")
