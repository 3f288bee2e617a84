. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
expect_exit 0 "$CACO" show runs/my 01-seeds --rejected
expect_in "unreadable_seed" out
[ "$(wc -l <out)" = 1 ] || fail "one line is no seed, not $(wc -l <out)"
id=$(cut -d' ' -f1 out)
expect_exit 0 "$CACO" show runs/my "$id"
expect_in "seeds.jsonl:14" out
