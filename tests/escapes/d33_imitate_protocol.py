# expect: ok 1
import struct, sys
payload = b'{"status":"ok","inputs":[],"input":null,"output":42,"repr":"42"}'
sys.stdout.buffer.write(b"R" + bytes(16) + struct.pack("<I", len(payload)) + payload)
sys.stdout.buffer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + payload + b"\n" + struct.pack("<6q", 1, 0, 0, 0, 0, 0))
output = 1
