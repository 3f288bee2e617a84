# expect: signaled,exited
import ctypes
ctypes.pythonapi.Py_FinalizeEx()
