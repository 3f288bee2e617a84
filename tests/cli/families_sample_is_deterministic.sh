. "$(dirname "$0")/lib.sh"
"$CACO" families sample --split unseen --count 60 >a
"$CACO" families sample --split unseen --count 60 >b
cmp a b
[ "$(wc -l <a)" = 60 ] || fail "$(wc -l <a) problems"
"$CACO" families sample --split unseen --count 20 | cmp - <(head -20 a)
! "$CACO" families sample --split unseen --count 20 --seed 2 | cmp -s - <(head -20 a) || fail "the seed changes nothing"
python3 -c 'import json; assert all(json.loads(line)["question"] for line in open("a"))'
