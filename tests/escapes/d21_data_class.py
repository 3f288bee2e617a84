# expect: unserializable
import dataclasses

@dataclasses.dataclass
class Point:
    x: int = 1

output = Point()
