# expect: error_raised PermissionError
import socket
socket.socket(socket.AF_UNIX).connect("\0abstract")
