. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
stop_fake_model
expect_exit 1 "$CACO" run my.toml
expect_in "caco: step " err
expect_in "$url" err
# The run goes on where it stopped.
find runs/my -name '*.receipt.json' | sort >finished
start_fake_model
sed -i "s#^url = .*#url = \"$url\"#" my.toml
expect_exit 0 "$CACO" run my.toml
while read -r receipt; do [ ! "$receipt" -nt finished ] || fail "made again: $receipt"; done <finished
