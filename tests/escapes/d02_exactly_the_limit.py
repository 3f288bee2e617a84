# expect: ok 65536
import sys
sys.stdout.write("x" * 65535 + "\n")
output = 65536
