. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
stop_fake_model
expect_exit 1 "$CACO" run my.toml
expect_in "caco: step " err
expect_in "$url" err
# What was done stays done, and the run goes on where it stopped.
[ -f runs/my/04-filter-seeds/00000.receipt.json ] || fail "the seeds were not finished"
start_fake_model
sed -i "s#^url = .*#url = \"$url\"#" my.toml
expect_exit 0 "$CACO" run my.toml
grep -E "^02-unify .*done before" err >/dev/null || fail "the seeds were unified again"
