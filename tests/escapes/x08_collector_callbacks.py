# expect: ok
# Callbacks of the collector run whenever objects are made; from the end of the program on they do not.
import gc
output = [1]

def change(phase, information):
    output.append(2)
    output[0] = [change]
    del output[0]

gc.set_threshold(1)
gc.callbacks.append(change)
