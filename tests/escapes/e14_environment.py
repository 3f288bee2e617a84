# expect: ok [0, ['program.py']]
import os, sys
output = [len(os.environ), sys.argv]
