# expect: ok 1
# An audit hook cannot be removed; what runs after the program must not raise events that call it.
import sys
is_over = False

def hook(event, arguments):
    while is_over:
        pass

sys.addaudithook(hook)
output = 1
is_over = True
