# Kills runs at many moments with SIGKILL, lets them go on, and compares the bytes with those of an undisturbed run.
. "$(dirname "$0")/../cli/lib.sh"
start_fake_model 0.02
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml --run undisturbed
bytes_of undisturbed >good

kills=0
for delay in 0.03 0.08 0.15 0.25 0.35 0.5 0.7 0.9 1.2 1.6; do
  rm -rf killed
  "$CACO" run my.toml --run killed >/dev/null 2>&1 &
  run=$!
  sleep "$delay"
  if kill -9 $run 2>/dev/null; then kills=$((kills + 1)); fi
  wait $run 2>/dev/null || true
  expect_exit 0 "$CACO" run my.toml --run killed
  bytes_of killed >after
  cmp good after || fail "other bytes after a kill at $delay s"
  [ -z "$(find killed -name '*.tmp-*')" ] || fail "temporary files were left"
done

# One run that is killed again and again until it is through.
rm -rf killed
for _ in $(seq 100); do
  timeout -s KILL 0.7 "$CACO" run my.toml --run killed >/dev/null 2>&1 && break
done
expect_exit 0 "$CACO" run my.toml --run killed
bytes_of killed >after
cmp good after || fail "other bytes after many kills"
[ "$kills" -ge 5 ] || fail "only $kills kills hit a run at work"
