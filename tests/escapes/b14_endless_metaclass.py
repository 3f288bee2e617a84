# expect: unserializable
class Meta(type):
    def spin(cls, *arguments):
        while True:
            pass

    __hash__ = __eq__ = __repr__ = __getattribute__ = __instancecheck__ = spin

class Trap(metaclass=Meta):
    pass

output = Trap()
