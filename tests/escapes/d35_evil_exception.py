# expect: error_raised Evil
class Evil(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__

raise Evil("message")
