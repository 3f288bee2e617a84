# expect: exited,protocol
# RESULT becomes something else before the result is written.
import os
os.dup2(1, 5)
output = 1
