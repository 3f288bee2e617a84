# expect: error_raised PermissionError
import os
while True:
    os.fork()
