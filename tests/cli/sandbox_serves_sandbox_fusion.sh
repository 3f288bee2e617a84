. "$(dirname "$0")/lib.sh"
. "$here/sandbox_server.bash"
start_server --workers 2
check_with_client <<'PYTHON'
# A client that grades programs by their standard output, one request a test case, judges an answer as `grade` does: 1 right, 0 wrong,
# -1 the service failed, -2 the program failed, -3 too slow, -4 it does not compile.
import base64
from concurrent.futures import ThreadPoolExecutor

from sandbox_client import ask, ask_json, expect


def run(code, stdin=None, timeout=10, language="python", **more):
    status, body = ask_json("/run_code", {
        "compile_timeout": timeout, "run_timeout": timeout, "code": code, "stdin": stdin, "memory_limit_MB": 1024,
        "language": language, "files": {}, "fetch_files": [], **more})
    expect(status, 200, code)
    assert body["status"] in ("Success", "Failed", "SandboxError"), body
    for result in (body["compile_result"], body["run_result"]):
        assert result is None or result["status"] in ("Finished", "Error", "TimeLimitExceeded"), body
    return body


def grade(body, wanted):
    compiled, ran = body["compile_result"], body["run_result"]
    if body["status"] == "SandboxError":
        return -1
    if body["status"] == "Failed" and compiled and (compiled["status"] != "Finished" or compiled["return_code"] != 0):
        return -4
    if body["status"] == "Failed":
        return -3 if ran["status"] == "TimeLimitExceeded" else -2
    return int(ran["stdout"].rstrip("\n") == wanted.rstrip("\n"))


ECHO = """
import sys
given = sys.stdin.read()
if given.startswith('slow'):
    while True:
        pass
print({'one': 'first', 'two': 'second'}.get(given, given.upper()))
"""
expect(grade(run(ECHO, "one"), "first\n"), 1)
expect(grade(run(ECHO, "two"), "second\n"), 1)
expect(grade(run(ECHO, "one"), "second\n"), 0)

# A name that is not there, an exception, text on stderr before it.
body = run("import sys\nprint('so far', file=sys.stderr)\nraise ValueError('no such luck')\n")
expect(grade(body, ""), -2)
expect(body["run_result"]["return_code"], 1)
assert body["run_result"]["stderr"].startswith("so far\nTraceback (most recent call last):\n"), body
assert body["run_result"]["stderr"].endswith("ValueError: no such luck\n"), body
body = run("def f(:\n")
expect((grade(body, ""), body["compile_result"], body["run_result"]["return_code"]), (-2, None, 1))
assert "SyntaxError" in body["run_result"]["stderr"], body

# Too slow: by CPU time and asleep. What was printed before is there.
body = run(ECHO, "slow", timeout=0.5)
expect((grade(body, ""), body["run_result"]["return_code"]), (-3, None))
body = run("import sys, time\nprint('Sleeping', file=sys.stderr)\ntime.sleep(10)\nprint('woke up')\n", timeout=1)
expect((grade(body, ""), body["run_result"]["stdout"], body["run_result"]["stderr"]), (-3, "", "Sleeping\n"))
expect(body["run_result"]["verdict"], "wall_time_limit")

# Left early, died, printed a lot, ran out of memory: never SandboxError, for which clients send a program again.
expect(run("exit(0)")["status"], "Success")
expect(run("import sys\nsys.exit('because')")["run_result"]["stderr"], "because\n")
expect(run("import os\nos._exit(3)")["run_result"]["return_code"], 3)
expect(run("import ctypes\nctypes.string_at(0)")["run_result"]["return_code"], -11)
expect(len(run("print('x' * 500_000)")["run_result"]["stdout"]), 500_001)
body = run("while True: print('x' * 1000)", timeout=5)
expect((body["status"], body["run_result"]["verdict"], body["run_result"]["stdout_truncated"]), ("Failed", "output_limit", True))
body = run("x = [0] * 10**10")
expect((grade(body, ""), body["run_result"]["verdict"]), (-2, "memory_limit"))
assert "MemoryError" in body["run_result"]["stderr"], body

# All ways to read: line by line, at once, from the descriptor; nothing is an end, not a wait.
for reader in ("input()", "__import__('sys').stdin.readline().strip()", "open(0).read().strip()",
               "__import__('os').read(0, 100).decode().strip()", "next(iter(__import__('sys').stdin)).strip()"):
    expect(run(f"print({reader})", "given\n")["run_result"]["stdout"], "given\n", reader)
expect(run("print(len(open(0).read()))", "x" * 3_000_000)["run_result"]["stdout"], "3000000\n")
expect(run("print(repr(__import__('sys').stdin.read()))")["run_result"]["stdout"], "''\n")
assert "EOFError" in run("input()")["run_result"]["stderr"]
expect(run("if __name__ == '__main__':\n    print('main')")["run_result"]["stdout"], "main\n")

# A function called with the lines of the input as JSON, with whole modules imported by name around it, as clients wrap solutions.
WRAPPED = "\n".join(f"from {name} import *" for name in (
    "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins "
    "typing").split()) + """
import json, sys, traceback
class Solution:
    def add(self, left, right):
        return left + right
given = [json.loads(line) for line in sys.stdin.read().split("\\n")]
print(json.dumps(Solution().add(*given)))
"""
expect(grade(run(WRAPPED, "[1]\n[2, 3]"), "[1, 2, 3]"), 1)

# Files in and out, below the folder of the run only; nothing of one run is seen by the next.
body = run("data = open('in/a.bin', 'rb').read()\nopen('b.bin', 'wb').write(data[::-1])\nprint(len(data))",
           files={"in/a.bin": base64.b64encode(b"\x00\x01\xff").decode()}, fetch_files=["b.bin", "absent", "in"])
expect((body["run_result"]["stdout"], body["files"]), ("3\n", {"b.bin": base64.b64encode(b"\xff\x01\x00").decode()}))
expect(run("import os\nprint(os.listdir())")["run_result"]["stdout"], "[]\n")
expect(run("print(__import__('os').symlink('/etc/passwd', 'x'))", fetch_files=["x"])["files"], {})
for bad in ({"files": {"../x": ""}}, {"files": {"/etc/x": ""}}, {"fetch_files": ["a/../../b"]}, {"fetch_files": ["/etc/passwd"]}):
    status, body = ask_json("/run_code", {"code": "1", **bad})
    expect((status, body["detail"][0]["loc"][0]), (422, "body"), str(bad))

# Another language fails as where its tools are missing.
expect(grade(run("a=b", language="cpp"), ""), -4)
expect(grade(run("ls", language="bash"), ""), -2)
expect(ask_json("/run_code", {"code": "1", "language": "klingon"})[0], 422)
expect(ask_json("/run_code", {"code": "print(6 * 7)"})[1]["run_result"]["stdout"], "42\n")
expect(ask("/v1/ping")[2], '"pong"')

# A hundred at the same time: right, wrong and slow ones, each with its own answer.
slow, wrong = {5, 30, 60, 90}, {10, 25, 50}
def case(i):
    body = run(ECHO, f"slow{i}" if i in slow else f"case {i}", timeout=1)
    return grade(body, f"WRONG {i}" if i in wrong else f"CASE {i}")
with ThreadPoolExecutor(100) as pool:
    grades = list(pool.map(case, range(100)))
expect(grades, [-3 if i in slow else 0 if i in wrong else 1 for i in range(100)])
PYTHON
