# expect: ok '\x00\x1b[2J\r\u2028\x7f'
print("\x00\x1b[2J\r\u2028\x7f")
output = "\x00\x1b[2J\r\u2028\x7f"
