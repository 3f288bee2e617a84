# expect: unserializable
class Trap:
    def spin(self, *arguments):
        while True:
            pass

    __repr__ = __str__ = __iter__ = __len__ = keys = __reduce__ = __hash__ = __eq__ = __getattr__ = spin

output = Trap()
