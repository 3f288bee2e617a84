. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import json
rows = [json.dumps({"id": i, "program": f"output = {i} * 2\nprint(output)"}) for i in range(60)]
rows[7] = "{"
rows[8] = ""
rows[9] = '{"id": 9, "program": 5}'
rows[20] = json.dumps({"id": 20, "program": "while True: pass", "cpu_limit_ms": 200})
rows[21] = json.dumps({"id": 21, "code": "print(input() + open('f').read())", "stdin": "a\n", "files": {"f": "Yg=="}})
open("rows.jsonl", "w").write("\n".join(rows))
PYTHON
expect_exit 3 "$CACO" exec rows.jsonl --workers 2 -o results.jsonl
expect_in "59 rows in" err
expect_in "bad_row 2" err
python3 - <<'PYTHON'
import json
rows = [json.loads(line) for line in open("results.jsonl")]
assert [row["line"] for row in rows] == [i + 1 for i in range(60) if i != 8]
for row in rows:
    line = row["line"] - 1
    if line in (7, 9):
        assert "bad_row" in row and (line == 7) == ("id" not in row), row
    elif line == 20:
        assert row["verdict"] == "cpu_time_limit" and row["id"] == 20, row
    elif line == 21:
        assert row["verdict"] == "no_output" and row["stdout"] == "ab\n", row
    else:
        assert row["id"] == line and row["output"] == str(2 * line) and row["exit_code"] == 0, row
PYTHON
# From a pipe, all good: exit code 0, nothing but rows on standard output.
echo '{"program": "output = 1"}' | "$CACO" exec --rows - --quiet >out 2>err
expect_in '"output":"1"' out
[ ! -s err ] || fail "--quiet is not"
expect_exit 1 "$CACO" exec absent.jsonl
expect_in "cannot open: absent.jsonl" err
