# expect: error_raised
open("/dev/tty", "w")
