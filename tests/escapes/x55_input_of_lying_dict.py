# expect: unserializable
class Given(dict):
    def items(self):
        while True:
            pass

    __iter__ = keys = get = items

input = Given(a=1)
output = 1
