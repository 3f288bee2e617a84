# expect: error_raised gaierror
import socket
socket.getaddrinfo("example.org", 80)
