. "$(dirname "$0")/lib.sh"
cat >pairs.jsonl <<'ROWS'
{"id": "a", "gold": "24", "pred": "24"}
{"id": "b", "gold": "24", "pred": "25"}
{"id": "c", "gold": "0.5", "pred": "50"}
{"id": "d", "gold": "6, -2", "pred": "6, -3"}
ROWS
expect_exit 0 "$CACO" grade --agreement exact qwen --jsonl pairs.jsonl
expect_in "# Agreement of exact and qwen" out
expect_in "4 pairs, 0 bad rows. Same decision on 50.00 % of the pairs; Cohen's kappa 0.2000" out
expect_in "| equal | 1 | 0 | 0 |" out
expect_in '| c | `0.5` | `50` | different | equal |' out
expect_in '| d | `6, -2` | `6, -3` | different | equal |' out
expect_exit 0 "$CACO" grade --agreement exact exact --jsonl pairs.jsonl --json
python3 - <<'PYTHON' || fail "the JSON report is not as expected"
import json
report = json.load(open("out"))
assert report["pairs"] == 4 and report["kappa"] == 1 and report["disagreeing"] == [], report
PYTHON
expect_exit 64 "$CACO" grade --agreement exact qwen
expect_in "an agreement needs pairs" err
expect_exit 74 "$CACO" grade --agreement exact qwen --jsonl absent.jsonl
