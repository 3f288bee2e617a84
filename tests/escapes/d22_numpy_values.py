# expect: ok [5, True, 2.5, 1.5, [1, 'a', None], [0.5, 0.25]]
import numpy as np
output = [np.int64(5), np.bool_(True), np.float64(2.5), np.array(1.5), np.array([1, "a", None], dtype=object),
          np.array([0.5, 0.25], dtype=np.float16)]
