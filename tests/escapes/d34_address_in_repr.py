# expect: unserializable
class Point:
    pass

output = [Point(), lambda: 1]
