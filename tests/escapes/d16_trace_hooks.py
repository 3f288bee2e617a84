# expect: ok 1
import sys

def trap(*arguments):
    output["looked at"] = arguments
    return trap

output = 1
sys.excepthook = None
sys.setprofile(lambda *a: None)
sys.settrace(lambda *a: None)
