. "$(dirname "$0")/lib.sh"
expect_exit 0 "$CACO" init my.toml
expect_in "# " my.toml
expect_exit 0 "$CACO" plan my.toml
for step in 01-seeds 05-train-generator 12-verify 13-assemble 14-train-student 15-evaluate; do expect_in "$step" out; done
expect_in "upper bounds" out
[ ! -e runs ] || fail "planning made a run folder"
expect_exit 2 "$CACO" init my.toml
expect_in "exists already" err
"$CACO" init - | cmp - my.toml
# Planning leaves no trace, also with a model that keeps a journal.
url=http://127.0.0.1:9/v1
write_seeds
write_recipe http.toml
expect_exit 0 "$CACO" plan http.toml
expect_in "http://127.0.0.1:9/v1" out
[ ! -e runs ] || fail "planning made a run folder"
