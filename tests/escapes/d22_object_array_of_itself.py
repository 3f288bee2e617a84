# expect: unserializable
import numpy as np
output = np.array([None, 1], dtype=object)
output[0] = output
