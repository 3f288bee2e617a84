. "$(dirname "$0")/lib.sh"
. "$here/sandbox_server.bash"
start_server --workers 1
check_with_client <<'PYTHON'
from sandbox_client import ask_json, expect


def run(code, others=(), **more):
    files = [{"content": code}, *others]
    status, body = ask_json("/api/v2/execute", {"language": "python", "version": "*", "files": files, **more})
    expect(status, 200, code)
    return body["run"]


runtimes = ask_json("/api/v2/runtimes")[1]
expect(runtimes[0]["language"], "python")
result = run("import sys\nprint(input(), sys.argv[1:])", stdin="in", args=["a", "b c"])
expect((result["stdout"], result["code"], result["signal"], result["status"]), ("in ['a', 'b c']\n", 0, None, None))
result = run("print('out')\n1 / 0")
expect((result["code"], result["status"], result["output"].startswith("out\nTraceback")), (1, "RE", True))
result = run("while True: pass", run_timeout=400)
expect((result["code"], result["signal"], result["status"], result["stdout"]), (None, "SIGKILL", "TO", ""))
result = run("import ctypes\nctypes.string_at(0)")
expect((result["code"], result["signal"], result["status"]), (None, "SIGSEGV", "SG"))
result = run("raise OSError(11, 'Resource temporarily unavailable')")
assert "temporarily" not in result["stderr"] + result["output"], result
result = run("x = [0] * 10**10", run_memory_limit=100_000_000)
expect((result["code"], "MemoryError" in result["stderr"]), (1, True))
result = run("print(open('part.txt').read())", [{"name": "part.txt", "content": "6869", "encoding": "hex"}])
expect(result["stdout"], "hi\n")
for bad, words in (({"language": "ruby", "version": "*", "files": [{"content": "1"}]}, "ruby-* runtime is unknown"),
                   ({"language": "python", "version": "*", "files": [{"content": "1"}], "run_timeout": 10**9}, "cannot exceed"),
                   ({"language": "python", "version": "*"}, "files")):
    status, body = ask_json("/api/v2/execute", bad)
    expect((status, words in body["message"]), (400, True), str(body))

# The smaller APIs.
status, body = ask_json("/execute", {"generated_code": "print(input())", "std_input": "x", "language": "python", "timeout": 5})
expect((status, body["process_status"], body["stdout"]), (200, "completed", "x\n"))
body = ask_json("/execute", {"generated_code": "while True: pass", "language": "python", "timeout": 0.3})[1]
expect(body["process_status"], "timeout")
body = ask_json("/eval", {"input": "print(1)\nraise SystemExit(4)"})[1]
expect((body["stdout"], body["returncode"]), ("1\n", 4))
PYTHON
