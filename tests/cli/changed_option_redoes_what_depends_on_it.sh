. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
sed -i 's/^\[generate\]/[solve]\nnum_solutions = 5\n&/' my.toml
expect_exit 0 "$CACO" run my.toml
for step in 01-seeds 02-unify 06-generate 09-dedup 10-reverse; do
  grep -E "^$step .*done before" err >/dev/null || { cat err >&2; fail "$step was made anew"; }
done
for step in 11-solve 12-verify; do
  ! grep -E "^$step .*done before" err >/dev/null || { cat err >&2; fail "$step was not made anew"; }
done
[ -f runs/my/manifest-0001.json ] || fail "the earlier recipe was not kept"
bytes_of runs/my | grep -v manifest >again
rm -rf runs
expect_exit 0 "$CACO" run my.toml
bytes_of runs/my | grep -v manifest >fresh
cmp again fresh
