# expect: ok 1
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
output = 1
