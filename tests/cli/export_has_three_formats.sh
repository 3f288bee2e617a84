. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml --quiet
[ ! -s out ] && [ ! -s err ] || fail "--quiet is not quiet"
expect_exit 0 "$CACO" export runs/my -o a.jsonl
cmp a.jsonl runs/my/13-assemble/dataset/train.jsonl
expect_exit 0 "$CACO" export runs/my -o b.jsonl --format alpaca
expect_exit 0 "$CACO" export runs/my -o c.jsonl --format messages
python3 - <<'PYTHON'
import json
a, b, c = ([json.loads(line) for line in open(name)] for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
assert len(a) == len(b) == len(c) > 0
for x, y, z in zip(a, b, c):
    assert y == {"instruction": x["instruction"], "input": "", "output": x["output"]}
    assert [turn["role"] for turn in z["messages"]] == ["user", "assistant"]
    assert z["messages"][1]["content"] == x["output"]
PYTHON
expect_exit 2 "$CACO" export runs/my -o d.jsonl --format other
