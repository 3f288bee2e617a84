. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
expect_exit 0 "$CACO" status runs/my
expect_in "12-verify" out
expect_in "wrong_answer 1" out
expect_in "nothing is working in it" out
expect_exit 0 "$CACO" show runs/my
expect_in "08-filter" out
expect_exit 1 "$CACO" status .
expect_in "not a run directory" err
