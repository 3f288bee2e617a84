. "$(dirname "$0")/lib.sh"
expect_exit 0 "$CACO" --help
for word in init plan run status show why export grade exec seeds families doctor "Examples:" "Exit codes:"; do expect_in "$word" out; done
for command in init plan run status show why export grade exec doctor; do expect_exit 0 "$CACO" $command --help; done
expect_exit 0 "$CACO" --version
expect_in "caco 0." out
