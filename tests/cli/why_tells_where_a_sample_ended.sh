. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
expect_exit 0 "$CACO" show runs/my filter-seeds --rejected
id=$(cut -d' ' -f1 out | head -1)
expect_exit 0 "$CACO" why runs/my "$id"
expect_in "seeds.jsonl:8" out
expect_in "02-unify" out
expect_in "rejected: wrong_answer" out
expect_exit 0 "$CACO" show runs/my "$id"
expect_in "rejected by filter-seeds" out
expect_in "There are 27 boxes" out
expect_exit 0 "$CACO" show runs/my 08-filter --reason too_short
[ -s out ] || fail "no short program was listed"
expect_exit 2 "$CACO" show runs/my 08-filter --reason nonsense
expect_in "there are: unreadable_seed" err
expect_exit 1 "$CACO" show runs/my no-step
expect_in "there are: 01-seeds" err
expect_exit 1 "$CACO" why runs/my ffffffffffffffffffffffffffffffff
expect_in "no sample with this id" err
