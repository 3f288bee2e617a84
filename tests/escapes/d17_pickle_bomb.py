# expect: unserializable
class Bomb:
    def __reduce__(self):
        import os
        return os.system, ("echo out > /tmp/out",)

output = Bomb()
