# expect: ok {1: 'a', '1': 'b', None: 'c', (1, 2): 'd'}
output = {1: "x", "1": "b", True: "a", None: "c", (1, 2): "d"}
