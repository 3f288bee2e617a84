# expect: unserializable
import enum

class Colour(enum.Enum):
    RED = 1

output = Colour.RED
