. "$(dirname "$0")/lib.sh"
start_fake_model 0.3
write_seeds
write_recipe my.toml
# A background job of a shell ignores SIGINT; SIGTERM means the same.
"$CACO" run my.toml >out 2>err &
run=$!
for _ in $(seq 200); do
  [ ! -f runs/my/04-filter-seeds/00000.receipt.json ] || break
  sleep 0.05
done
kill -TERM $run
code=0
wait $run || code=$?
[ $code = 130 ] || { cat out err >&2; fail "exit code $code, expected 130"; }
expect_in "run the same command again" err
[ -z "$(find runs -name '*.tmp-*')" ] || fail "temporary files were left"
expect_exit 0 "$CACO" run my.toml
