# expect: ok,unserializable,too_large
import collections

class Key:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        output.clear()
        return False

output = collections.OrderedDict()
output[1] = 2
output["k"] = collections.OrderedDict(a=1)
