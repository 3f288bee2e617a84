. "$(dirname "$0")/lib.sh"
expect_exit 2 "$CACO" rnu
expect_in "rnu" err
expect_exit 2 "$CACO" run
expect_in "RECIPE" err
