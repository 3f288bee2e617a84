# expect: error_raised PermissionError
import socket
socket.create_server(("127.0.0.1", 8080))
