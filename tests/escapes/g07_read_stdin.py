# expect: ok ''
import sys
output = sys.stdin.read()
