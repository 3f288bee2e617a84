# expect: ok 1
import os
os.chdir("/usr")
os.umask(0)
output = 1
