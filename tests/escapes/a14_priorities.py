# expect: error_raised PermissionError
import os
os.nice(-20)
