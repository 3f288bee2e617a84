# expect: protocol
# A frame with the right nonce beside the real one.
import gc, os, struct, sys
frame = sys._getframe()
nonce = None
while frame is not None:
    for value in list(frame.f_locals.values()):
        if type(value) is bytes and len(value) == 16:
            nonce = value
    frame = frame.f_back
payload = b'{"status":"ok","inputs":[],"input":null,"output":42,"repr":"42"}'
if nonce is not None:
    os.write(5, b"R" + nonce + struct.pack("<I", len(payload)) + payload)
else:
    os.write(5, b"R")
output = 1
