. "$(dirname "$0")/lib.sh"
expect_exit 0 "$CACO" grade --gold '\frac{1}{2}' --pred 'The answer is 0.5.' --extract --explain
expect_in 'gold        \frac{1}{2}' out
expect_in "prediction  0.5" out
expect_in "found by    phrase" out
expect_in "read as     " out
expect_in "verdict     equal, proof: " out
expect_in "because     " out
expect_exit 2 "$CACO" grade --gold 5 --pred 'nothing here' --extract --explain
expect_in "found by    no rule: there is no answer" out
