# expect: ok 3
import os, socket, stat
refused = 0
for make in (lambda: os.mkfifo("pipe"), lambda: os.mknod("device", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
             lambda: socket.socket(socket.AF_UNIX).bind("socket")):
    try:
        make()
    except OSError:
        refused += 1
output = refused
