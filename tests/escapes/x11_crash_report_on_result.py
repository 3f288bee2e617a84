# expect: protocol,signaled
import ctypes, faulthandler
faulthandler.enable(file=5)
ctypes.string_at(0)
