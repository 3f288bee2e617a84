. "$(dirname "$0")/lib.sh"
start_fake_model
write_seeds
write_recipe my.toml
expect_exit 0 "$CACO" run my.toml
stop_fake_model
cp runs/my/journal/fake.jsonl replies.jsonl
sed -e 's/^kind = "http"/kind = "recorded"\npath = "replies.jsonl"/' -e '/^url/d;/^model = /d;/^max_retries/d' my.toml >recorded.toml
expect_exit 0 "$CACO" run recorded.toml
cmp runs/my/13-assemble/dataset/train.jsonl runs/recorded/13-assemble/dataset/train.jsonl
# A request that was never recorded is named.
sed -i 's/^num_samples = 30/num_samples = 31/' recorded.toml
expect_exit 1 "$CACO" run recorded.toml
expect_in "step generate" err
