# The commands of README.md's "Using it" run as they stand there, in that order, on the embedded model; only the sizes of the recipe are made
# small. The recipe of the README's "your own models" is one that plans.
. "$(dirname "$0")/lib.sh"
[ -x "$(dirname "$CACO")/caco-lm" ] || { echo "skipped: caco-lm is not built"; exit 0; }
readme=$here/../../README.md
PATH=$(dirname "$CACO"):$PATH

block() { python3 - "$readme" "$1" <<'PYTHON'
import re, sys
section = open(sys.argv[1]).read().split("\n## Using it\n")[1].split("\n## ")[0]
blocks = ["\n".join(line[4:] for line in block.splitlines())
          for block in re.findall(r"(?:^(?:    [^\n]*)?\n)+", section, re.M) if block.strip()]
print([block for block in blocks if sys.argv[2] in block][0])
PYTHON
}

# shrink FILE: sizes that take seconds.
shrink() {
  sed -i -E 's/^# ?(count|num_samples|num_problems) = /\1 = /; s/^count = .*/count = 90/; s/^num_samples = .*/num_samples = 40/; s/^num_problems = .*/num_problems = 10/' "$1"
}

num_run=0
while read -r line; do
  line=${line%%#*}
  [ -n "${line// /}" ] || continue
  case $line in *3f2a91*)
    id=$(head -1 runs/my/13-assemble/dataset/train.jsonl | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["id"])')
    line=${line/3f2a91/${id:0:12}} ;;
  esac
  expect_exit 0 bash -c "$line"
  [ -s out ] || fail "prints nothing: $line"
  case $line in *"caco init"*) shrink my.toml ;; esac
  num_run=$((num_run + 1))
done < <(block "caco init")
[ "$num_run" -ge 8 ] || fail "only $num_run commands found"

"$CACO" init own.toml >/dev/null
python3 - "$(block '[models.big]')" <<'PYTHON'
import re, sys
own, extra = open("own.toml").read(), sys.argv[1]
for table in re.findall(r"^\[(run|roles)\]$", extra, re.M):  # a table stands once: the README's replaces the written one
    own = re.sub(rf"^\[{table}\]\n(?:(?!\[).*\n)*", "", own, flags=re.M)
open("own.toml", "w").write(own + "\n" + extra + "\n")
PYTHON
expect_exit 0 "$CACO" plan own.toml
expect_in "big" out
