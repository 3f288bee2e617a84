# expect: error_raised FileNotFoundError
output = open("/etc/passwd").read()
