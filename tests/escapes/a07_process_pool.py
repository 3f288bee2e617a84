# expect: error_raised
import multiprocessing
with multiprocessing.Pool(4) as pool:
    output = pool.map(abs, [-1, -2])
