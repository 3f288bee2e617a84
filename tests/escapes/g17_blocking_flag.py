# expect: error_raised PermissionError
import os
os.set_blocking(1, False)
