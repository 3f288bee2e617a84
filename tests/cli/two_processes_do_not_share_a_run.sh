. "$(dirname "$0")/lib.sh"
start_fake_model 0.5
write_seeds
write_recipe my.toml
"$CACO" run my.toml >first 2>&1 &
first=$!
for _ in $(seq 100); do
  [ ! -s runs/my/lock ] || break
  sleep 0.05
done
expect_exit 1 "$CACO" run my.toml
expect_in "process $first is working in this run" err
expect_exit 0 "$CACO" status runs/my
expect_in "process $first is working" out
kill -9 $first
wait $first 2>/dev/null || true
stop_fake_model
start_fake_model
sed -i "s#^url = .*#url = \"$url\"#" my.toml
expect_exit 0 "$CACO" run my.toml
