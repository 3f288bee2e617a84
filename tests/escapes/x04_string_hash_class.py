# expect: unserializable
class Text(str):
    def __hash__(self):
        while True:
            pass

    def __eq__(self, other):
        while True:
            pass

    def encode(self, *arguments):
        while True:
            pass

output = ["a", Text("b")]
