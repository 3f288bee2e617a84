. "$(dirname "$0")/lib.sh"
printf '{"answer": "1/2"}\n{"answer": "24"}\n{"answer": "3"}\n{"answer": "5"}\n' >gold.jsonl
printf '{"prediction": "so it is \\\\boxed{0.5}"}\n{"prediction": "#### 24.0"}\n{"prediction": "4"}\n{"prediction": ""}\n' >pred.jsonl
expect_exit 0 "$CACO" grade --gold-file gold.jsonl --pred-file pred.jsonl --list
expect_in "4 lines: 2 equal (50.00 %)  1 different (25.00 %)  1 unknown (25.00 %)" err
[ "$(wc -l <out)" = 4 ] || fail "--list prints a line for every pair"
expect_exit 64 "$CACO" grade --gold-file gold.jsonl --pred-file pred.jsonl --pred-field other
expect_in 'pred.jsonl:1: no field "other"' err
head -3 gold.jsonl >short.jsonl
expect_exit 64 "$CACO" grade --gold-file short.jsonl --pred-file pred.jsonl
expect_in "different numbers of lines: 3 and 4" err
expect_exit 64 "$CACO" grade
expect_in "nothing to grade" err
