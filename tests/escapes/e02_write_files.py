# expect: ok 8
import os
refused = 0
for folder in (".", "/tmp", "/dev/shm", "/var/tmp", "/run/lock", "/usr/lib", "/home", "/usr/lib/python3"):
    try:
        with open(os.path.join(folder, "left-behind"), "w") as file:
            file.write("x")
    except OSError:
        refused += 1
output = refused
