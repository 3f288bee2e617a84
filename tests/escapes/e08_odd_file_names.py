# expect: ok 5
refused = 0
for name in (b"a\nb", b"\xff\xfe", b"x" * 255, b"x" * 5000, b"-rf"):
    try:
        open(name, "w").close()
    except OSError:
        refused += 1
output = refused
