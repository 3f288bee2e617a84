# expect: unserializable
class Equal:
    def __eq__(self, other):
        return True

output = Equal()
