# expect: ok 1
import resource
for name in ("RLIMIT_STACK", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_SIGPENDING"):
    number = getattr(resource, name)
    keep = {"RLIMIT_STACK": 1 << 20, "RLIMIT_DATA": 0, "RLIMIT_NOFILE": 0}.get(name, 0)
    resource.setrlimit(number, (keep, keep))
output = 1
