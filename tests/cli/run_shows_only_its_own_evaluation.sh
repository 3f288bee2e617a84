. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
mkdir -p runs/my/15-evaluate
echo "of an earlier recipe" >runs/my/15-evaluate/evaluation.md
expect_exit 0 "$CACO" run my.toml
! grep -E "earlier recipe|evaluation" out || fail "an evaluation is shown that this recipe did not ask for"
