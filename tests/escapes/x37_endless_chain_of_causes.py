# expect: error_raised
def raise_many(count):
    last = None
    for number in range(count):
        error = ValueError(number)
        error.__cause__ = last
        last = error
    raise last

raise_many(100_000)
