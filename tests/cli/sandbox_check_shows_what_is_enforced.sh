. "$(dirname "$0")/lib.sh"
expect_exit 0 "$CACO" sandbox check
for name in network fork exec "write in /tmp" "CPU time limit" "runs a program" "reads standard input" "nothing is left to the next"; do
  expect_in "ok    $name" out
done
expect_in "programs are isolated" out
expect_exit 1 "$CACO" sandbox check --python /absent/python
expect_in "cannot find the interpreter: /absent/python" out
expect_exit 2 "$CACO" sandbox
