# expect: error_raised KeyboardInterrupt
raise KeyboardInterrupt
