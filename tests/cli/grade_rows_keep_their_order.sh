. "$(dirname "$0")/lib.sh"
python3 - <<'PYTHON'
import json
with open("pairs.jsonl", "w") as file:
    for i in range(10000):
        row = {"id": i, "gold": str(i), "pred": str(i + i % 2)}
        if i % 3 == 0:
            row = {"id": i, "gold": str(i), "pred": f"so it is \\boxed{{{i}}}", "mode": "extract"}
        file.write(json.dumps(row) + "\n")
PYTHON
expect_exit 0 "$CACO" grade --jsonl pairs.jsonl
cp out first
"$CACO" grade --jsonl - <pairs.jsonl >second 2>err
cmp first second || fail "standard input and a file give the same rows"
python3 - <<'PYTHON' || fail "rows out are not those expected"
import json
rows = [json.loads(line) for line in open("first")]
assert [row["id"] for row in rows] == list(range(10000))
for i, row in enumerate(rows):
    assert list(row) == ["id", "equal", "verdict", "proof", "reading", "reason"], row
    assert row["equal"] is (i % 3 == 0 or i % 2 == 0), row
    assert row["verdict"] == ("equal" if row["equal"] else "different"), row
PYTHON
expect_in "10000 rows: " err
