# Starts and stops `caco sandbox serve` for the tests that source this after lib.sh. Sets `url`; the server's process is `server_pid`.
server_pid=
stop_server() {
  [ -n "$server_pid" ] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
trap 'stop_server; cleanup' EXIT

# start_server OPTIONS...
start_server() {
  stop_server
  rm -f port
  "$CACO" sandbox serve --port 0 --port-file port "$@" >server_out 2>server_err &
  server_pid=$!
  for _ in $(seq 600); do
    [ ! -f port ] || break
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  [ -f port ] || { cat server_err >&2; fail "the server does not start"; }
  url=http://127.0.0.1:$(cat port)
}

# check_with_client: runs the Python on standard input with `url` as argument and the client at hand.
check_with_client() {
  PYTHONPATH=$here python3 - "$url" || { cat server_err >&2; fail "see above"; }
}
