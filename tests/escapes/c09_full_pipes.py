# expect: error_raised
import fcntl, os
F_SETPIPE_SZ = 1031
while True:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 1 << 20)
