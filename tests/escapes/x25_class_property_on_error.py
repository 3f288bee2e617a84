# expect: error_raised Odd
class Odd(Exception):
    @property
    def __class__(self):
        while True:
            pass

    @property
    def __traceback__(self):
        while True:
            pass

raise Odd("no")
