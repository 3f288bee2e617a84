# expect: error_raised FileNotFoundError
open("/proc/self/mem", "r+b")
