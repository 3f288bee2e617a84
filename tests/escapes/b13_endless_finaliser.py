# expect: ok 1
class Sticky:
    def __del__(self):
        while True:
            pass

keep = Sticky()
output = 1
