# expect: ok [1, 2]
# Objects die while their globals are cleared or collected; none of it may reach the result.
class Late:
    def __del__(self):
        output.clear()
        while True:
            pass

output = [1, 2]
kept = [Late()]
kept.append(kept)
