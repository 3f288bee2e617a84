# expect: signaled
import ctypes
ctypes.pythonapi.Py_FatalError(b"no")
