. "$(dirname "$0")/lib.sh"
. "$here/sandbox_server.bash"
start_server --workers 1
PYTHONPATH=$here python3 - "$url" >answer <<'PYTHON' &
from sandbox_client import ask_json
print(ask_json("/run_code", {"code": "import time\ntime.sleep(2)\nprint('done')", "run_timeout": 5})[1]["run_result"]["stdout"])
PYTHON
client_pid=$!
check_with_client <<'PYTHON'
import time
from sandbox_client import metric
while metric("caco_sandbox_running") == 0: time.sleep(0.02)
PYTHON
kill -TERM "$server_pid"
check_with_client <<'PYTHON'
from sandbox_client import ask, expect
import time
for _ in range(100):
    status, headers, _ = ask("/run_code", {"code": "print(1)"})
    if status == 503: break
    time.sleep(0.01)
expect(status, 503)
assert int(headers["Retry-After"]) >= 1
PYTHON
code=0
wait "$server_pid" || code=$?
server_pid=
[ "$code" = 0 ] || fail "the server ended with $code"
wait "$client_pid"
expect_in done answer
