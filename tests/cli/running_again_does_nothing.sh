. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
bytes_of runs/my >before
stop_fake_model
expect_exit 0 "$CACO" run my.toml
expect_in "nothing was left to do" out
expect_in "done before" err
bytes_of runs/my >after
cmp before after
expect_exit 0 "$CACO" run runs/my
expect_in "nothing was left to do" out
