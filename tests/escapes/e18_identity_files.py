# expect: ok 5
refused = 0
for name in ("uid_map", "gid_map", "setgroups", "oom_score_adj", "loginuid"):
    try:
        open("/proc/self/" + name, "w").write("0 0 1")
    except OSError:
        refused += 1
output = refused
