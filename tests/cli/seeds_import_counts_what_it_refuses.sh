. "$(dirname "$0")/lib.sh"
printf '{"question": "How many is 2 and 3?", "answer": "2 + 3 = 5\\n#### 5"}\nnonsense\n{"question": ""}\n' >raw.jsonl
gzip -k raw.jsonl
for file in raw.jsonl raw.jsonl.gz; do
  expect_exit 0 "$CACO" seeds import $file seeds.jsonl --preset gsm8k
  expect_in "read 3 lines, wrote 1 seeds" out
  expect_in "raw.jsonl" err
  python3 -c 'import json; row = json.loads(open("seeds.jsonl").read()); assert row["answer"] == "5", row'
done
expect_exit 2 "$CACO" seeds import raw.jsonl seeds.jsonl --preset other
