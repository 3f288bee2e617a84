# expect: unserializable
import numpy

class Table(numpy.ndarray):
    def tolist(self):
        while True:
            pass

output = numpy.zeros(3).view(Table)
