# expect: ok True
import ctypes
libc = ctypes.CDLL(None)
buffer = ctypes.create_string_buffer(256)
calls = {"io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
         "request_key": 249, "kexec_load": 246, "mount": 165, "umount2": 166, "pivot_root": 155, "swapon": 167,
         "settimeofday": 164, "syslog": 103, "quotactl": 179, "modify_ldt": 154, "init_module": 175, "acct": 163,
         "open_by_handle_at": 304, "name_to_handle_at": 303, "fanotify_init": 300, "inotify_init1": 294,
         "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "semget": 64, "mq_open": 240,
         "personality": 135, "setns": 308, "fsopen": 430, "open_tree": 428, "landlock_restrict_self": 446,
         "seccomp": 317, "process_madvise": 440, "pidfd_open": 434, "mlockall": 151, "splice": 275, "tee": 276,
         "vmsplice": 278, "sethostname": 170, "ioperm": 173, "iopl": 172, "reboot": 169, "chroot": 161}
output = all(libc.syscall(number, buffer, 0, 0, 0, 0) == -1 for number in calls.values())
