# expect: protocol
import os, struct
payload = b'{"status":"ok","inputs":[],"input":null,"output":42,"repr":"42"}'
for fd in range(3, 64):
    try:
        os.write(fd, b"R" + bytes(16) + struct.pack("<I", len(payload)) + payload)
    except OSError:
        pass
output = 1
