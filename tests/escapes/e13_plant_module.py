# expect: error_raised OSError
import sys
with open(sys.path[-1] + "/numpy.py", "w") as file:
    file.write("raise SystemExit")
