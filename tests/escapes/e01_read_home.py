# expect: error_raised FileNotFoundError
import os
output = os.listdir(os.path.expanduser("~root"))
