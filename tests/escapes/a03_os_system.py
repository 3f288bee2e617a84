# expect: ok 32512
import os
output = os.system("echo out > /tmp/out")
