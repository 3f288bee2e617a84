# expect: signaled
import os
os.abort()
