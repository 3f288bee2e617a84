. "$(dirname "$0")/lib.sh"
expect_exit 1 "$CACO" grade --gold 1000000 --pred 1000050
expect_exit 0 "$CACO" grade --gold 1000000 --pred 1000050 --mode qwen
expect_in "by the conventions of qwen" out
expect_exit 0 "$CACO" grade --gold 50 --pred 0.5 --mode dart
expect_exit 0 "$CACO" grade --gold '9\%' --pred 9 --mode mathverify
expect_exit 1 "$CACO" grade --gold 24 --pred 24.0 --mode hendrycks
expect_exit 64 "$CACO" grade --gold 24 --pred 24 --mode other
expect_in "no such mode: other" err
