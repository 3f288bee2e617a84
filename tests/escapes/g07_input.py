# expect: error_raised EOFError
name = input()
