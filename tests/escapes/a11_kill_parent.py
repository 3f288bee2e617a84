# expect: error_raised ProcessLookupError
import os, signal
os.kill(os.getppid() or 2, signal.SIGKILL)
