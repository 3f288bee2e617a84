# expect: ok 1
import atexit

def spin():
    while True:
        pass

atexit.register(spin)
output = 1
