# expect: unserializable
import collections
output = collections.namedtuple("Point", "x y")(1, 2)
