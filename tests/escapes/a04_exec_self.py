# expect: error_raised PermissionError
import os, sys
os.execv(sys.executable, [sys.executable, "-c", "print(1)"])
