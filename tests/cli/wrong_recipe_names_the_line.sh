. "$(dirname "$0")/lib.sh"
printf '[run]\nseed = 1\n[filter]\nmin_efective_lines = 4\n' >bad.toml
expect_exit 2 "$CACO" plan bad.toml
expect_in 'bad.toml:4: unknown key "min_efective_lines" in [filter]; did you mean "min_effective_lines"?' err
printf '[run]\nrounds = 0\n' >bad.toml
expect_exit 2 "$CACO" run bad.toml
expect_in "bad.toml:2: [run] wrong value of rounds: 0; allowed: an integer from 1 to 20" err
[ ! -e runs ] || fail "a run folder was made"
expect_exit 1 "$CACO" plan absent.toml
expect_in "caco init" err
