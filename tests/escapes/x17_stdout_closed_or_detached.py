# expect: ok 1
import sys
print("kept")
sys.stdout.detach()
sys.stdout = None
output = 1
