# expect: unserializable
import numpy as np
output = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
