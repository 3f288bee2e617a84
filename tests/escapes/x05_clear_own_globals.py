# expect: no_output
output = 1
globals().clear()
