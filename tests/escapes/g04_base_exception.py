# expect: error_raised Odd
class Odd(BaseException):
    pass

raise Odd
