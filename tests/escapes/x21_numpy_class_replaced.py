# expect: unserializable
# The classes that the encoder knows are not looked up where a program can put its own.
import numpy

class ndarray:
    size = 1

    @property
    def dtype(self):
        while True:
            pass

    tolist = dtype

numpy.ndarray = ndarray
numpy.generic = object
output = ndarray()
