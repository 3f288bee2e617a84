# expect: too_large
# Eight bytes that look like an array of 10^12 numbers.
import numpy as np
output = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10 ** 6, 10 ** 6), strides=(0, 0))
