. "$(dirname "$0")/lib.sh"
expect_exit 0 "$CACO" grade --gold '\frac{1}{2}' --pred 0.5
expect_in "equal: " out
expect_exit 1 "$CACO" grade --gold 24 --pred 25
expect_in "different: " out
expect_exit 2 "$CACO" grade --gold 24 --pred ''
expect_in "unknown: " out
expect_exit 0 "$CACO" grade --gold -5 --pred=-5.0
expect_exit 0 "$CACO" grade --gold 24 --pred 'First \boxed{5}, then \boxed{24}.' --extract
expect_exit 2 "$CACO" grade --gold 24 --pred 'I do not know.' --extract
