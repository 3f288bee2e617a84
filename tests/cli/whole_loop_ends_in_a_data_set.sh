. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
expect_in "13-assemble/dataset" out
data=runs/my/13-assemble/dataset
rows=$(wc -l <$data/train.jsonl)
[ "$rows" -ge 15 ] || fail "only $rows rows"
python3 - $data/train.jsonl <<'PYTHON'
import json, re, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    assert {"instruction", "output", "answer", "code", "id", "origin"} <= set(row), row
    boxes, apples, given = map(int, re.findall(r"\d+", row["instruction"])[:3])
    assert int(row["answer"]) == boxes * apples - given, row
    assert boxes != 13, row
PYTHON
[ -s $data/README.md ] || fail "no card"
expect_in "mine" runs/my/manifest.json
