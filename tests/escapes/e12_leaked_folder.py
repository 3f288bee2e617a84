# expect: ok []
# A descriptor of a folder of the host would be a way out of the new root.
import os
found = []
for fd in range(0, 1024):
    for use in (os.fchdir, os.listdir):
        try:
            use(fd)
            found.append(fd)
        except OSError:
            pass
for _ in range(64):
    os.chdir("..")
for name in ("root", "home", "proc", "sys", "tmp", "var/log", "etc/passwd"):
    if os.path.exists(name):
        found.append(name)
output = found
