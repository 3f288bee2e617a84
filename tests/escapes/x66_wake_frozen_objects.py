# expect: ok
import gc
gc.unfreeze()
for found in gc.get_objects():
    if type(found) is list and len(found) > 1000:
        found.clear()
gc.collect()
gc.set_threshold(1, 1, 1)
gc.callbacks.append(lambda phase, info: [[] for _ in range(3)])
output = 1
