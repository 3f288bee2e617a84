. "$(dirname "$0")/lib.sh"
. "$here/sandbox_server.bash"

# Open to others only with a token.
expect_exit 2 "$CACO" sandbox serve --host 0.0.0.0 --port 0
expect_in "a token is needed" err
printf 'short\n' >token
expect_exit 2 "$CACO" sandbox serve --host 0.0.0.0 --port 0 --token-file token
expect_in "too short" err

start_server --workers 1 --queue 2 --max-body-bytes 100000
check_with_client <<'PYTHON'
import json
import socket
import threading
import time

from sandbox_client import URL, ask, ask_json, expect, metric

# More than the queue holds: some are run, the rest are told to come again, all are answered.
answers = []
def one(i):
    answers.append(ask("/run_code", {"code": "import time\ntime.sleep(0.5)", "run_timeout": 5}))
threads = [threading.Thread(target=one, args=(i,)) for i in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
statuses = sorted(answer[0] for answer in answers)
assert set(statuses) == {200, 429} and 3 <= statuses.count(200) < 12, statuses
assert all(int(headers["Retry-After"]) >= 1 for status, headers, _ in answers if status == 429)
expect(metric('caco_sandbox_turned_away_total{reason="queue_full"}'), float(statuses.count(429)))

# What cannot be read.
expect(ask("/run_code", {"code": "#" * 200_000})[0], 413)
expect(ask("/run_code", "{")[0], 422)
expect(ask("/run_code", '{"code":' + "[" * 5000 + "]" * 5000 + "}")[0], 422)
expect(ask("/run_code", b'{"code":"\xff"}')[0], 422)
expect(ask("/run_code", "{}", {"Content-Type": "text/plain"})[0], 415)
expect(ask("/run_code", b"\x1f\x8b", {"Content-Encoding": "gzip"})[0], 415)
expect(ask("/run_code", {"code": "1"}, {"Origin": "http://page.test"})[0], 403)
expect(ask_json("/nowhere")[0], 404)

host, port = URL.removeprefix("http://").split(":")
def raw(data, wait=5):
    with socket.create_connection((host, int(port)), timeout=wait) as one:
        one.sendall(data)
        try:
            return one.recv(4096)
        except (TimeoutError, ConnectionResetError):
            return b""
head = b"POST /run_code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
assert b" 413 " in raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffff\r\n" + b"x" * 600_000), "a chunked body without end"
assert b" 400 " in raw(b"nonsense\r\n\r\n"), "no HTTP"
for start in (b"", b"POST /run", head, head + b"Content-Length: 100\r\n\r\nhalf"):
    with socket.create_connection((host, int(port))) as one:
        one.sendall(start)

# A client that goes away gives up its place: what it asked for is not run.
def slow():
    ask("/run_code", {"code": "import time\ntime.sleep(1.5)", "run_timeout": 5})
runner = threading.Thread(target=slow)
runner.start()
while metric("caco_sandbox_running") == 0: time.sleep(0.02)
body = json.dumps({"code": "import os\nos._exit(9)"}).encode()
with socket.create_connection((host, int(port))) as one:
    one.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    while metric("caco_sandbox_queue_depth") == 0: time.sleep(0.02)
while metric("caco_sandbox_queue_depth") > 0: time.sleep(0.05)
expect(metric('caco_sandbox_turned_away_total{reason="client_gone"}'), 1.0)
runner.join()
expect(metric('caco_sandbox_runs_total{verdict="exited"}'), 0.0)
# One that runs already is killed: the worker is free long before it would have ended.
body = json.dumps({"code": "import time\ntime.sleep(50)", "run_timeout": 50}).encode()
with socket.create_connection((host, int(port))) as one:
    one.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    while metric("caco_sandbox_running") == 0: time.sleep(0.02)
begun = time.monotonic()
while metric("caco_sandbox_running") > 0: time.sleep(0.05)
assert time.monotonic() - begun < 20, "a program ran on for a client that had left"
expect(metric('caco_sandbox_turned_away_total{reason="client_gone"}'), 2.0)
expect(ask_json("/run_code", {"code": "print(1)"})[1]["run_result"]["stdout"], "1\n")
PYTHON

head -c 24 /dev/urandom | base64 >token
start_server --workers 1 --token-file token
export TOKEN
TOKEN=$(cat token)
check_with_client <<'PYTHON'
import os
from sandbox_client import ask, expect
body = {"code": "print(1)"}
expect(ask("/run_code", body)[0], 401)
expect(ask("/run_code", body, {"Authorization": "Bearer " + "x" * 32})[0], 401)
expect(ask("/metrics")[0], 401)
expect(ask("/health")[0], 200)
expect(ask("/run_code", body, {"Authorization": "Bearer " + os.environ["TOKEN"]})[0], 200)
PYTHON
