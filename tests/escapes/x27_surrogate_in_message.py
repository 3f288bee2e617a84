# expect: error_raised ValueError
raise ValueError("half a character: \ud800")
