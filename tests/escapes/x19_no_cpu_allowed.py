# expect: signaled,ok
import resource
resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
output = 1
