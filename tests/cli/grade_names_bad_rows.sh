. "$(dirname "$0")/lib.sh"
cat >pairs.jsonl <<'ROWS'
{"id": "a", "gold": "1", "pred": "1"}
{"id": "b", "gold": "1"}

this is no JSON
{"id": "c", "gold": "1", "pred": "2", "mode": "other"}
{"id": "d", "gold": [1], "pred": "2"}
{"id": "e", "gold": 3, "pred": 3.0}
{"id": "f", "gold": "5", "pred": ""}
ROWS
expect_exit 1 "$CACO" grade --jsonl pairs.jsonl
[ "$(wc -l <out)" = 7 ] || fail "every row that is not empty is answered"
expect_in '{"line":2,"error":"no field \"pred\""}' out
expect_in '{"line":4,"error":' out
expect_in '{"line":5,"error":"\"mode\" is neither bare nor extract: other"}' out
expect_in '{"line":6,"error":"\"gold\" is not a text or a number"}' out
expect_in '"id":"e","equal":true' out
expect_in '"id":"f","equal":null,"verdict":"unknown"' out
expect_in "7 rows: 2 equal (28.57 %)  0 different (0.00 %)  1 unknown (14.29 %)  4 bad rows" err
