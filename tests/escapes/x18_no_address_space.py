# expect: memory_limit,ok,exited
import resource
resource.setrlimit(resource.RLIMIT_AS, (1, 1))
output = list(range(10_000))
