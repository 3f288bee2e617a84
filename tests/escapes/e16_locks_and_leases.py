# expect: error_raised PermissionError
import fcntl, os
fd = os.open(os.__file__, os.O_RDONLY)
fcntl.flock(fd, fcntl.LOCK_EX)
