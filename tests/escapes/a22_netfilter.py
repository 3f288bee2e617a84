# expect: error_raised PermissionError
import socket
NETLINK_NETFILTER = 12
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
