# expect: exited
import os
os.closerange(0, 1000)
output = 1
