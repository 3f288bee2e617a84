# Runs inside the virtual machine of control_groups_vm, as root: makes a control group over to an ordinary user, runs caco in it
# under that user, and looks at what the limits of its slots' groups do. Exit 0 if each program ended as expected.

import glob
import json
import os
import subprocess
import sys
import threading
import time

GROUP = "/sys/fs/cgroup/given"
USER = 65534
GROW = ("blocks = []\nfor i in range(%d):\n    block = bytearray(16 << 20)\n    block[::4096] = b'x' * len(block[::4096])\n"
        "    blocks.append(block)\noutput = len(blocks)\n")
INNOCENT = "output = 6 * 7\n"
# With --memory-limit-mb 64 the group of a slot has 64 + 1024 MB.
ROWS = [("before", INNOCENT, {}, "ok"),
        ("over its own limit", GROW % 19, {"memory_limit_mb": 200}, "memory_limit"),
        ("between", INNOCENT, {}, "ok"),
        ("over the limit of the group, below its own", GROW % 94, {"memory_limit_mb": 4000}, "memory_limit"),
        ("after", "import time\ntime.sleep(2)\n" + INNOCENT, {}, "ok")]  # long enough to be looked at
SLEEPER = ("sleeps while the limit of its group sinks", "import time\ntime.sleep(10)\n" + INNOCENT, {}, "ok")

failures = []


def check(what, is_right, seen):
    print("ok   " if is_right else "FAIL ", what, "--", seen, flush=True)
    if not is_right:
        failures.append(what)


def start(*arguments):
    """Starts caco as the ordinary user, in the group that is made over."""
    return subprocess.Popen(["/usr/bin/setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "/caco", *arguments],
                            preexec_fn=lambda: put(f"{GROUP}/cgroup.procs", os.getpid()), cwd="/tmp",
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def put(path, value):
    with open(path, "w") as file:
        file.write(str(value))


def get(path):
    with open(path) as file:
        return file.read()


def make_group():
    if os.path.isdir(GROUP):
        for folder in glob.glob(GROUP + "/*/") + [GROUP]:
            os.rmdir(folder)
    os.mkdir(GROUP)
    for name in (GROUP, GROUP + "/cgroup.procs", GROUP + "/cgroup.subtree_control"):
        os.chown(name, USER, USER)


def run(rows, meanwhile):
    """Runs the rows in order, one at a time; returns caco's exit code, what it said and the answers. `meanwhile(slot)` is
    called every fifth of a second with the folder of the slot's group, while there is one."""
    make_group()
    with open("/tmp/rows.jsonl", "w") as file:
        for name, program, limits, _ in rows:
            row = {"id": name, "program": program, "cpu_limit_ms": 100_000, "wall_limit_ms": 300_000, **limits}
            file.write(json.dumps(row) + "\n")
    caco = start("exec", "/tmp/rows.jsonl", "--workers", "1", "--memory-limit-mb", "64", "-q")
    is_over = threading.Event()

    def watch():
        while not is_over.wait(0.2):
            for slot in glob.glob(GROUP + "/caco-*-*/slot-0"):
                try:
                    meanwhile(slot)
                except OSError:
                    pass  # gone by now

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = caco.communicate()[0]
    is_over.set()
    watcher.join()
    return caco.returncode, said, [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def check_memory():
    seen = {}

    def look(slot):
        seen["memory.max"] = get(slot + "/memory.max").strip()
        seen["kills"] = dict(line.split() for line in get(slot + "/memory.events").splitlines())["oom_kill"]
        seen["pids.max"] = get(slot + "/pids.max").strip()

    code, said, answers = run(ROWS, look)
    check("every program has its answer", len(answers) == len(ROWS), said[-500:] if len(answers) != len(ROWS) else code)
    for (name, _, _, verdict), answer in zip(ROWS, answers):
        check(name, answer["verdict"] == verdict,
              {key: answer[key] for key in ("verdict", "signal", "peak_kib", "output", "error") if key in answer})
    check("the slot's group has its limits, and one program was killed by them",
          seen == {"memory.max": str(1088 << 20), "pids.max": "32", "kills": "1"}, seen)


def check_processes():
    """With room for no process more, a program cannot even start: an error of the sandbox, not a verdict."""
    def sink(slot):
        if get(slot + "/pids.current").strip() == "2":  # an interpreter and its program
            put(slot + "/pids.max", 1)

    code, said, answers = run([SLEEPER, ("finds no room", INNOCENT, {}, "")], sink)
    verdicts = {answer["id"]: answer["verdict"] for answer in answers}
    check("without room for a process nothing is run",
          code != 0 and "finds no room" not in verdicts and "cannot fork" in said, said[-300:])


def main():
    make_group()
    checks = start("sandbox", "check")
    said = checks.communicate()[0]
    lines = [line for line in said.splitlines() if "control groups" in line]
    check("caco sandbox check finds all enforced",
          checks.returncode == 0 and any(" ok " in line for line in lines), lines or said)
    check_memory()
    check_processes()
    left = [name for name in glob.glob(GROUP + "/*/") if not name.endswith("/caco-supervisor/")]
    check("no group is left", not left, left)
    return 1 if failures else 0


sys.exit(main())
