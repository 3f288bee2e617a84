# expect: ok 1
# The result is written before anything that Python does at the end, and that end never comes.
import atexit, os

def bomb():
    while True:
        os.fork()

class Bomb:
    def __del__(self):
        bomb()

atexit.register(bomb)
kept = Bomb()
output = 1
