# expect: exited
import sys
sys.exit(0)
output = 1
