# expect: error_raised Odd
# How the error is described must not ask the error's own class.
class Odd(SyntaxError):
    @property
    def lineno(self):
        while True:
            pass

    args = msg = text = __traceback__ = __cause__ = __context__ = lineno

raise Odd("no")
