# expect: ok,exited,cpu_time_limit
# If the child fell through to the loop of the interpreter that forked it, it would have nobody to talk to.
import os, sys
os._exit = lambda code: None
for name in ("caco_child", "caco_worker"):
    sys.modules[name].os_exit = lambda code: None
output = 1
