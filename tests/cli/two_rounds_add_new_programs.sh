. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
sed -i 's/^shard_size = 8/&\nrounds = 2/' my.toml
expect_exit 0 "$CACO" run my.toml
expect_exit 0 "$CACO" show runs/my r2-verify
[ -s out ] || fail "the second round verified nothing"
expect_exit 0 "$CACO" run my.toml
expect_in "nothing was left to do" out
