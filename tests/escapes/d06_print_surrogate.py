# expect: error_raised UnicodeEncodeError
print("\ud800")
