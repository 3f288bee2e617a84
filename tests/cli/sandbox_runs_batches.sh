. "$(dirname "$0")/lib.sh"
. "$here/sandbox_server.bash"
start_server --workers 2
check_with_client <<'PYTHON'
import http.client
import json

from sandbox_client import URL, ask, expect, metric

rows = [json.dumps({"id": f"r{i}", "program": f"input = {{'n': {i}}}\noutput = input['n'] ** 2\nprint(output)"}) for i in range(1000)]
rows[10] = "no row at all"
rows[20] = json.dumps({"id": "r20", "program": "while True: pass", "cpu_limit_ms": 200})
rows[30] = json.dumps({"id": "r30"})
rows[40] = json.dumps({"id": "r40", "program": "print(open('a').read())", "files": {"a": "aGk="}, "fetch_files": ["a"]})
status, headers, text = ask("/run_batch", "\n".join(rows), {"Content-Type": "application/x-ndjson"})
expect((status, headers["Content-Type"]), (200, "application/x-ndjson"))
answers = [json.loads(line) for line in text.splitlines()]
expect([answer["line"] for answer in answers], list(range(1, 1001)))
for i, answer in enumerate(answers):
    if i not in (10, 20, 30, 40):
        expect((answer["id"], answer["verdict"], answer["output"], answer["stdout"]), (f"r{i}", "ok", str(i * i), f"{i * i}\n"))
assert "bad_row" in answers[10] and "bad_row" in answers[30] and answers[30]["id"] == "r30", answers[30]
expect(answers[20]["verdict"], "cpu_time_limit")
expect((answers[40]["stdout"], answers[40]["files"]), ("hi\n", {"a": "aGk="}))

# As they become ready: each once, the slow one not in the way of the others.
slow = json.dumps({"id": "r20", "program": "while True: pass", "cpu_limit_ms": 3000})
status, _, text = ask("/run_batch?ordered=false", slow + "\n" + "\n".join(rows[100:120]))
answers = [json.loads(line)["id"] for line in text.splitlines()]
expect(sorted(answers), sorted(["r20"] + [f"r{i}" for i in range(100, 120)]))
assert answers[0] != "r20", answers

# The stream begins before the batch is done, and a reader that leaves ends it.
host = URL.removeprefix("http://")
connection = http.client.HTTPConnection(host, timeout=60)
busy = "\n".join(json.dumps({"program": "sum(range(3_000_000))"}) for _ in range(2000))
connection.request("POST", "/run_batch", busy, {"Content-Type": "application/x-ndjson"})
reply = connection.getresponse()
expect(json.loads(reply.readline())["line"], 1)
reply.close()
connection.close()
import time
for _ in range(300):
    if metric("caco_sandbox_running") == 0:
        break
    time.sleep(0.1)
before = metric('caco_sandbox_runs_total{verdict="no_output"}')
assert before < 1500, f"{before} programs ran for a reader that had left"
PYTHON
