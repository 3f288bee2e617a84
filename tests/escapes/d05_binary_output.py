# expect: ok 1
import os
os.write(1, b"\xff\xfe\x00")
output = 1
