# expect: exited
class Code:
    def __str__(self):
        while True:
            pass

    __repr__ = __int__ = __index__ = __eq__ = __hash__ = __str__

raise SystemExit(Code())
