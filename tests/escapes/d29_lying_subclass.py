# expect: unserializable
class Lie(int):
    def __repr__(self):
        return "42"

output = [Lie(7)]
