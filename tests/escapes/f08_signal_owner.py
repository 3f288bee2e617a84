# expect: error_raised PermissionError
import fcntl
fcntl.fcntl(1, fcntl.F_SETOWN, 1)
