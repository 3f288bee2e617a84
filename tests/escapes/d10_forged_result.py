# expect: protocol
# A frame that is right but for the nonce, and no other result.
import os, struct
payload = b'{"status":"ok","inputs":[],"input":null,"output":42,"repr":"42"}'
forged = b"R" + bytes(16) + struct.pack("<I", len(payload)) + payload
for fd in range(2, 64):
    try:
        os.write(fd, forged)
    except OSError:
        pass
os._exit(0)
