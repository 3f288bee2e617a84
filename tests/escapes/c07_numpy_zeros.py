# expect: memory_limit
import numpy as np
output = np.zeros(10 ** 11)
