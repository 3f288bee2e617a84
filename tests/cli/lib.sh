# What the tests of the command line share. Each test sources this, works in a folder of its own, and fails with a word about what was
# expected. CACO names the program under test.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
fake_pid=
cleanup() {
  [ -z "$fake_pid" ] || kill "$fake_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect_in TEXT FILE: the file holds the text.
expect_in() { grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is not in $2"; }; }

# expect_exit CODE COMMAND...: runs it with its output in `out` and `err`, and checks the exit code.
expect_exit() {
  local expected=$1 code=0
  shift
  "$@" >out 2>err || code=$?
  [ "$code" = "$expected" ] || { cat out err >&2; fail "exit code $code, expected $expected: $*"; }
}

# start_fake_model [DELAY]: sets `url`.
start_fake_model() {
  rm -f port
  python3 "$here/fake_model.py" port "${1:-0}" &
  fake_pid=$!
  for _ in $(seq 100); do
    [ ! -f port ] || break
    sleep 0.1
  done
  [ -f port ] || fail "the fake model does not start"
  url=http://127.0.0.1:$(cat port)/v1
}

stop_fake_model() {
  kill "$fake_pid"
  wait "$fake_pid" 2>/dev/null || true
  fake_pid=
}

# write_seeds: 12 good seeds with programs, one wrong gold answer, one line that is no seed.
write_seeds() {
  python3 - <<'PYTHON'
import json
with open("seeds.jsonl", "w") as file:
    for i in range(13):
        boxes, apples = 20 + i, 3 + i % 5
        answer = boxes * apples - 2 + (1 if i == 7 else 0)
        program = (
            f"boxes = {boxes}\napples = {apples}\ngiven = 2\n"
            "total = boxes * apples\nleft = total - given\nprint(left)\n"
        )
        question = f"There are {boxes} boxes with {apples} apples each. 2 apples are given away. How many are left?"
        file.write(json.dumps({"question": question, "program": program, "answer": str(answer), "id": f"s{i}"}) + "\n")
    file.write("this is no seed\n")
PYTHON
}

# write_recipe FILE: the whole loop but training, on the fake model at $url.
write_recipe() {
  cat >"$1" <<TOML
[run]
shard_size = 8
[roles]
generator = "fake"
unifier = ""
reverser = "fake"
solver = "fake"
student = ""
[models.fake]
kind = "http"
url = "$url"
model = "fake"
max_retries = 0
[[seeds]]
name = "mine"
kind = "file"
path = "seeds.jsonl"
[generate]
num_samples = 30
[filter]
min_effective_lines = 5
TOML
}

# bytes_of RUN: a line with name and hash for every file but those that hold times or process ids.
bytes_of() {
  (cd "$1" && find . -type f ! -name '*receipt.json' ! -name lock ! -path './journal/*' -print0 | sort -z | xargs -0 sha256sum)
}
