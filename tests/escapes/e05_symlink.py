# expect: error_raised PermissionError
import os
os.symlink("/etc/shadow", "out.txt")
