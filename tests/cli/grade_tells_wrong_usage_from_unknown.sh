. "$(dirname "$0")/lib.sh"
expect_exit 2 "$CACO" grade --gold 24 --pred ''
expect_exit 64 "$CACO" grade
expect_in "nothing to grade" err
expect_exit 64 "$CACO" grade --gold 24
expect_exit 64 "$CACO" grade --gold 24 --pred 24 --mode nonsense
expect_in "no such mode" err
expect_exit 64 "$CACO" grade --no-such-option
expect_exit 64 "$CACO" grade --gold
expect_exit 74 "$CACO" grade --jsonl no/such/file.jsonl
expect_in "cannot open" err
expect_exit 0 "$CACO" grade --help
expect_in "64" out
