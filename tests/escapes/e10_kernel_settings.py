# expect: ok 6
refused = 0
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/fs/cgroup/release_agent", "/sys/kernel/uevent_helper",
             "/proc/sys/kernel/modprobe", "/sys/power/state"):
    try:
        open(path, "w").write("|/tmp/x")
    except OSError:
        refused += 1
output = refused
