# expect: error_raised PermissionError
import os
fd = os.memfd_create("hidden")
