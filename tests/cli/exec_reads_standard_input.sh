. "$(dirname "$0")/lib.sh"
printf 'import sys\nprint(sum(map(int, sys.stdin)), file=sys.stderr)\nraise ValueError("bad luck")\n' >program.py
printf '1\n2\n39\n' >numbers
expect_exit 0 "$CACO" exec --stdin numbers program.py
expect_in 42 out
expect_in "ValueError: bad luck" out
expect_in 'line 3, in <module>' out
expect_exit 0 "$CACO" exec --json --stdin numbers program.py
python3 -c 'import json; run = json.load(open("out"))["run"]; assert run["stderr"] == "42\n" and run["exit_code"] == 1, run'
