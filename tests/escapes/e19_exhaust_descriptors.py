# expect: error_raised OSError
import os
while True:
    os.pipe()
