# expect: error_raised TypeError
input = {"a": 1}
name = input()
