# expect: unserializable
import itertools
output = itertools.count()
