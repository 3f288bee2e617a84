# expect: ok 4
# Who is killed when the machine runs out of memory cannot be chosen by a program.
refused = 0
for path in ("/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/1/oom_score_adj", "/proc/sys/vm/overcommit_memory"):
    try:
        open(path, "w").write("-1000")
    except OSError:
        refused += 1
output = refused
