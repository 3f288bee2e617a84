# expect: error_raised ProcessLookupError
import os, signal
os.kill(-1, signal.SIGKILL)
